"""Recall and precision by rule, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.doctor.outcomes import Outcome


def by_rule(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """For each rule: in how many cases it is expected, of these found, and how often it is reported of a case that it is not true of."""
    rows = []
    for rule in sorted({r for o in outcomes for r in (*o.expected, *o.found)}):
        expected = [o for o in outcomes if rule in o.expected]
        found = [o for o in expected if rule in o.found]
        false = [o for o in outcomes if rule in o.false]
        reported = [o for o in outcomes if rule in o.found]
        rows.append(
            {
                "rule": rule,
                "cases": len(expected),
                "found": len(found),
                "reported": len(reported),
                "false": len(false),
                "recall": len(found) / len(expected) if expected else None,
                "precision": 1 - len(false) / len(reported) if reported else None,
            }
        )
    return rows


def summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The whole."""
    faulty = [o for o in outcomes if o.expected]
    healthy = [o for o in outcomes if not o.expected]
    return {
        "cases": len(outcomes),
        "faulty": len(faulty),
        "found": sum(not o.missed for o in faulty),
        "healthy": len(healthy),
        "healthy with a false alarm": sum(bool(o.false) for o in healthy),
        "faulty with a false alarm": sum(bool(o.false) for o in faulty),
        "errors": sum(bool(o.error) for o in outcomes),
        "median seconds": sorted(o.seconds for o in outcomes)[len(outcomes) // 2] if outcomes else 0.0,
    }


def table(outcomes: Sequence[Outcome]) -> str:
    """The rows as text, and each case that went wrong."""
    lines = [f"{'rule':6}{'cases':>7}{'found':>7}{'recall':>8}{'reported':>10}{'false':>7}{'precision':>11}"]
    for row in by_rule(outcomes):
        recall, precision = (f"{row[k]:.2f}" if row[k] is not None else "-" for k in ("recall", "precision"))
        lines.append(
            f"{row['rule']:6}{row['cases']:>7}{row['found']:>7}{recall:>8}{row['reported']:>10}{row['false']:>7}{precision:>11}"
        )
    lines.append(
        ", ".join(
            f"{key}: {value:.3g}" if isinstance(value, float) else f"{key}: {value}"
            for key, value in summary(outcomes).items()
        )
    )
    for o in outcomes:
        if o.missed or o.false or o.error:
            what = [f"missed {', '.join(sorted(o.missed))}"] if o.missed else []
            what += [f"false {', '.join(sorted(o.false))}"] if o.false else []
            what += [o.error.strip().splitlines()[-1][:160]] if o.error else []
            lines.append(f"  {o.name}: {'; '.join(what)}")
    return "\n".join(lines)
