"""The commands of ``nonlin``: one module each, with ``add(subparsers)`` and ``run(arguments) -> exit code``."""
