"""The whole contract over the whole catalogue and over torch.nn: ``python -m benchmarks.contract [NAME ...]``.

Two processes run ``nonlin.check`` on every activation of the catalogue and on every activation module of torch.nn. What
compiles runs on those that torch has, on one of each signature of the others (tests/catalogue.py) and on torch's. The table
sets the functions that both have side by side; below it stand the checks of every activation and what fails. Written to
results/contract.txt and .json.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import torch

from benchmarks.accuracy import cpu
from nonlin import registry
from nonlin.contract.checks import GROUPS
from nonlin.contract.peers import declaration_of, torch_modules
from nonlin.contract.run import check
from nonlin.files import write_text
from tests.catalogue import REPRESENTATIVES

RESULTS = Path(__file__).parent / "results"
PROCESSES = 2
SHOWN = 160  # characters of a message


def judge(subject: str) -> dict[str, Any]:
    """The report of a name of the catalogue, or of the n-th module of torch ("torch 3")."""
    subject, _, partly = subject.partition(":")
    checks = [group for group in GROUPS if group != "compilation"] if partly else None
    torch.set_num_threads(1)
    started, spent = time.perf_counter(), sum(os.times()[:4])
    number = subject.removeprefix("torch ")
    report = check(list(torch_modules())[int(number)] if number != subject else subject, checks=checks)
    found = report.to_dict()
    return {**found, "wall": time.perf_counter() - started, "cpu": sum(os.times()[:4]) - spent}


def compact(found: dict[str, Any]) -> dict[str, Any]:
    """A report with its failures and the count of the reasons for skipping."""
    results = found.pop("results")
    failures = [{k: r[k] for k in ("check", "case", "message")} for r in results if r["status"] == "failed"]
    reasons = Counter(r["message"] for r in results if r["status"] == "skipped")
    return {**found, "failures": failures, "reasons": dict(reasons)}


def totals(word: str, rows: list[dict[str, Any]]) -> str:
    run = sum(r["passed"] + r["failed"] for r in rows)
    failed = sum(r["failed"] for r in rows)
    sound = sum(r["ok"] for r in rows)
    return f"{word}: {len(rows)} activations, {run:,} checks run, {failed:,} failed; {sound} keep all of it"


def failures(rows: list[dict[str, Any]]) -> list[str]:
    lines = []
    for row in rows:
        for f in row["failures"]:
            told = " ".join(f["message"].split())
            case = "" if f["case"] == "default" else f" ({f['case']})"
            lines.append(f"  {row['activation']:<28} {f['check']}{case}: {told[:SHOWN]}")
    return lines


def main(chosen: list[str]) -> None:
    """Every activation, or those chosen, and every module of torch's."""
    peers = list(torch_modules())
    names = chosen or registry.names()
    whole = {a.name for a in REPRESENTATIVES}
    subjects = [*names, *(f"torch {i}" for i in range(len(peers)))]
    asked = [s if s in whole or s not in names else f"{s}:without compilation" for s in subjects]
    done: dict[str, dict[str, Any]] = {}
    started = time.perf_counter()
    with ProcessPoolExecutor(PROCESSES) as pool:
        for subject, found in zip(subjects, pool.map(judge, asked), strict=True):
            done[subject] = compact(found)
            print(
                f"[{len(done)}/{len(subjects)}] {found['activation']}: {found['failed']} failed, {found['cpu']:.1f} CPU s",
                file=sys.stderr,
                flush=True,
            )
    ours, theirs = [done[name] for name in names], [done[f"torch {i}"] for i in range(len(peers))]
    lines = [
        f"{cpu()}; torch {torch.__version__}; {PROCESSES} processes, {time.perf_counter() - started:.0f} s",
        totals("nonlin  ", ours),
        totals("torch.nn", theirs),
        f"Without the group compilation, as another of their signature runs it: {sum(n not in whole for n in names)} activations",
        "",
        "The functions that both have: checks run and failed, and what fails in torch",
        f"{'':<14} {'nonlin':>13} {'torch.nn':>13}",
    ]
    for peer, their in zip(peers, theirs, strict=True):
        known = declaration_of(peer)
        assert known is not None
        pair = [done.get(known[0].name), their]
        counts = [f"{r['passed'] + r['failed']:>6} {r['failed']:>6}" if r else f"{'-':>6} {'-':>6}" for r in pair]
        wrong = ", ".join(dict.fromkeys(f["check"] for f in their["failures"]))
        lines.append(f"{known[0].name:<14} {counts[0]} {counts[1]}  {wrong}")
    lines += ["", "Every activation: checks run, failed, skipped, CPU seconds"]
    for name, r in zip(names, ours, strict=True):
        mark = "" if name in whole else "  without compilation"
        lines.append(
            f"{name:<28} {r['passed'] + r['failed']:>6} {r['failed']:>6} {r['skipped']:>6} {r['cpu']:>8.1f}{mark}"
        )
    lines += [
        "",
        "What fails in nonlin",
        *(failures(ours) or ["  nothing"]),
        "",
        "What fails in torch.nn",
        *failures(theirs),
    ]
    text = "\n".join(line.rstrip() for line in lines) + "\n"
    print(text)
    write_text(RESULTS / "contract.txt", text)
    record = {"nonlin": ours, "torch": theirs}
    write_text(RESULTS / "contract.json", json.dumps(record, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
