"""``nonlin cache``: where compiled kernels are kept, how much there is, its removal, and compiling ahead."""

from __future__ import annotations

import argparse
import sys

from nonlin.commands import options


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "cache",
        help="where compiled kernels are kept, and how many",
        description="Tell where compiled kernels are kept, how many there are and their size. "
        "NONLIN_CACHE names another directory; what is removed is compiled again at its next use.",
    )
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--path", action="store_true", help="print the directory alone")
    action.add_argument("--clear", action="store_true", help="remove the compiled kernels, and nothing else")
    action.add_argument(
        "--build", metavar="NAME", nargs="*",
        help="compile now what calls of these activations use, or of all (a few minutes): for images of containers",
    )  # fmt: skip
    options.add_format(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from nonlin.files import OutputError
    from nonlin.kernels import cache

    path = cache.configured()
    told: dict[str, object] = {"directory": str(path)}
    if arguments.build is not None:
        told["built"] = _build(arguments.build)
    if not arguments.path:
        try:
            found = [(file, entry, file.stat().st_size) for file, entry in cache.files(path)]
            if arguments.clear:
                for file, _, _ in found:
                    file.unlink(missing_ok=True)
        except OSError as error:
            action = "clear" if arguments.clear else "read"
            raise OutputError(
                f"cannot {action} {path}: {error.strerror or error}; check who owns it with `ls -ld {path}`"
            ) from None
        entries = len({entry for file, entry, _ in found if file.suffix == ".so"})
        told |= {"entries": entries, "bytes": sum(size for _, _, size in found), "fault": cache.fault(path)}
    if arguments.format == "json":
        options.print_json(told | ({"cleared": True} if arguments.clear else {}))
    elif arguments.path:
        print(path)
    else:
        count, size = _count(told["entries"]), _size(sum(size for _, _, size in found))
        if arguments.clear:
            print(f"removed {count}, {size}, from {path}")
        else:
            if "built" in told:
                print(f"built      {told['built']}")
            print(f"directory  {path}\nentries    {told['entries']}\nsize       {size}")
        if told["fault"] is not None:
            print(f"not used   {told['fault']}; {cache.advice(path)}")
    return 0


def _build(names: list[str]) -> str:
    from nonlin.commands.guide import Bar
    from nonlin.kernels.ahead import compile_ahead

    bar = Bar() if sys.stderr.isatty() else None
    try:
        return compile_ahead(names, bar) if bar else compile_ahead(names)
    finally:
        if bar:
            bar.close()


def _count(entries: object) -> str:
    return f"{entries} {'entry' if entries == 1 else 'entries'}"


def _size(size: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
