"""Every generated kernel under AddressSanitizer and UndefinedBehaviorSanitizer: ``python -m benchmarks.sanitize``.

Calls each entry on exactly sized arrays of odd lengths at unaligned addresses; writes results/sanitize.txt.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.accuracy import cpu
from nonlin.catalogue import declarations
from nonlin.files import write_text
from nonlin.kernels import compiler
from nonlin.kernels.source import Family, Role
from tests import sanitizer

FAMILIES: tuple[Family, ...] = ("single", "double")


def main() -> None:
    chosen = compiler.compiler()
    lines = [
        f"{cpu()}; {chosen.command if chosen else 'no compiler'}; lengths {', '.join(map(str, sanitizer.LENGTHS))}"
    ]
    for activation in declarations().values():
        if activation.kind not in ("pointwise", "stochastic") or activation.formula == "x":
            continue
        roles: list[Role] = ["pointwise", "gated", *(["learned"] if activation.learnable else [])]  # type: ignore[list-item]
        for role in roles:
            for family in FAMILIES:
                with tempfile.TemporaryDirectory() as folder:
                    lines.append(
                        f"{activation.name:<14} {role:<9} {family:<6} {sanitizer.run(activation, role, family, Path(folder))}"
                    )
                    print(lines[-1], flush=True)
    write_text(Path(__file__).parent / "results" / "sanitize.txt", "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
