"""The documentation's pages of rules, written from the rules themselves and from the recorded benchmark.

python -m benchmarks.doctor.page    # writes docs/doctor/*.md anew; a test fails where they are not current
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from benchmarks.doctor import outcomes
from benchmarks.doctor.examples import EXAMPLES
from nonlin.doctor.finding import Rule, rules
from nonlin.files import write_text

RESULTS: Final = Path(__file__).parents[1] / "results"
DOCS: Final = Path(__file__).parents[2] / "docs" / "doctor"
GROUPS: Final = {  # file -> (title, first letters of the ids)
    "output_and_loss": ("Output and loss", "L"),
    "structure": ("Structure", "S"),
    "dynamics": ("Dynamics, and numbers that are not finite", "DN"),
}


def recorded(name: str) -> dict[str, Any]:
    """A record of the benchmark."""
    found: dict[str, Any] = json.loads((RESULTS / f"doctor_{name}.json").read_text(encoding="utf-8"))
    return found


def measured(rule: str) -> str:
    """``found in 2 of 2 programs, 20 of 23 families with the fault put in; false alarms 0``."""
    records = {
        "programs": "programs that the rules were developed on",
        "aside": "programs kept aside",
        "mutations": "families of transformers with the fault put in",
    }
    parts, false = [], 0
    for name, what in records.items():
        row = next((r for r in recorded(name)["rules"] if r["rule"] == rule), None)
        if row is not None:
            false += row["false"]
            if row["cases"]:
                parts.append(f"{row['found']} of {row['cases']} {what}")
    false += sum(r["false"] for r in recorded("families")["rules"] if r["rule"] == rule)
    return f"found in {', '.join(parts) or 'no program'}; false alarms: {false}"


@lru_cache(maxsize=1)
def sources() -> dict[str, list[str]]:
    """The reports that the faulty programs were written after, by rule."""
    found: dict[str, list[str]] = {}
    for folder in ("programs", "aside"):
        for path in sorted((outcomes.HERE / folder / "faulty").glob("*.py")):
            if path.name != "__init__.py":
                module = outcomes.load(path)
                for rule in module.EXPECTED:
                    found.setdefault(rule, []).extend(s for s in module.SOURCES if s not in found.get(rule, []))
    return found


def entry(rule: Rule, links: list[str]) -> Iterator[str]:
    """One rule's part of a page."""
    needs = f", needs {', '.join(rule.needs)}" if rule.needs else ""
    wrong, right = EXAMPLES[rule.id]
    yield from (f"## {rule.id} {rule.name}", "", f"*{rule.severity}{needs}*", "", rule.text, "")
    yield from ("```python", *(f"{line}" for line in wrong), "", "# better", *right, "```", "")
    yield f"Measured: {measured(rule.id)}."
    if links:
        yield "Reported: " + ", ".join(f"[{_short(link)}]({link})" for link in links[:4]) + "."
    yield ""


def _short(link: str) -> str:
    parts = link.removeprefix("https://").removeprefix("www.").rstrip("/").split("/")
    if parts[0] == "github.com" and len(parts) >= 5:
        return f"{parts[1]}/{parts[2]}#{parts[4]}"
    return parts[0]


def pages() -> dict[str, str]:
    """Every page's text, by its file's name."""
    links, found = sources(), {}
    for name, (title, letters) in GROUPS.items():
        about = "[The doctor](../doctor.md) tells how these rules are used. This page is written by `python -m benchmarks.doctor.page`."
        head = [f"# {title}", "", about, ""]
        body = [line for rule in rules() if rule.id[0] in letters for line in entry(rule, links.get(rule.id, []))]
        found[f"{name}.md"] = "\n".join([*head, *body]).rstrip() + "\n"
    return found


OVERVIEWS: Final = (DOCS.parent / "doctor.md", DOCS.parents[1] / "README.md")
MEASURED: Final = re.compile(r"(<!-- measured: [^\n]*-->\n).*?(<!-- /measured -->)", re.DOTALL)
SETS: Final = {
    "programs": "programs the rules were developed on",
    "aside_first": "programs kept aside, first run",
    "aside": "the same, after the rules learnt from that",
    "families": "families of transformers, at init and after 5 steps",
    "mutations_first": "families with a fault put in, first run",
    "mutations": "families with a fault put in",
}


def overview() -> str:
    """The whole benchmark as a table."""
    lines = ["| | faulty: found | false alarms in faulty | healthy: with a false alarm |", "|---|---|---|---|"]
    for name, what in SETS.items():
        s = recorded(name)["summary"]
        healthy = f"{s['healthy with a false alarm']} of {s['healthy']}" if s["healthy"] else "-"
        lines.append(f"| {what} | {s['found']} of {s['faulty']} | {s['faulty with a false alarm']} | {healthy} |")
    return "\n".join(lines) + "\n"


def with_overview(path: Path) -> str:
    """A page with the table between its marks brought up to date."""
    return MEASURED.sub(lambda found: found[1] + overview() + found[2], path.read_text(encoding="utf-8"))


def main() -> int:
    DOCS.mkdir(parents=True, exist_ok=True)
    for path in OVERVIEWS:
        write_text(path, with_overview(path))
    for name, text in pages().items():
        write_text(DOCS / name, text)
        print(f"wrote docs/doctor/{name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
