"""Fixes that are mechanical: each tried on the model without touching it, and written as a patch. Nothing is ever applied."""

from __future__ import annotations

import difflib
import inspect
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from torch import nn

from nonlin.doctor import diagnose
from nonlin.doctor.calls import Call
from nonlin.doctor.finding import Finding
from nonlin.doctor.report import Report
from nonlin.doctor.rewrite import Edit, applied, at_call, at_constructor
from nonlin.doctor.sites import shown


@dataclass(frozen=True)
class Patch:
    """A finding, the change that its fix comes to, and what a second diagnosis said with the fix in place."""

    finding: Finding
    diff: str  # a unified diff; empty where there is none
    why: str  # why there is no diff
    tried: bool  # whether there is a fix that can be tried
    gone: bool  # the finding was gone when the model was diagnosed again with the fix
    new: tuple[str, ...]  # rules of errors and warnings that came up only then

    def __str__(self) -> str:
        head = f"# {self.finding.rule} {self.finding.name}: "
        if not self.tried:
            return f"{head}{self.why}\n"
        said = "with this fix the finding is gone" if self.gone else "with this fix alone the finding is still there"
        came = f", and {', '.join(self.new)} came up" if self.new else ""
        return f"{head}{said}{came}\n" + (self.diff or f"# no patch: {self.why}; the fix: {self.finding.fix}\n")


def patches(report: Report) -> list[Patch]:
    """Every finding's patch, tried: the model is diagnosed again with what the fix does to its calls, and left as it was.

    Example:
        >>> import torch, nonlin
        >>> from torch import nn
        >>> from nonlin.doctor.fixes import patches
        >>> model = nn.Sequential(nn.Linear(20, 10), nn.Softmax(dim=1))
        >>> report = nonlin.diagnose(model, torch.randn(32, 20), torch.randint(10, (32,)), loss="cross_entropy")
        >>> [(patch.finding.rule, patch.gone) for patch in patches(report)]
        [('L01', True)]
    """
    return [_patch(report, finding) for finding in report.findings]


def _patch(report: Report, finding: Finding) -> Patch:
    remedy = finding.remedy
    if remedy is None or report.subject is None or not remedy.calls:
        return Patch(finding, "", f"nothing mechanical to do: {finding.fix}", False, False, ())
    orders = {call.order for call in remedy.calls}
    after = diagnose.again(report.subject, lambda call: remedy.action if call.order in orders else None)
    before, left = _counts(report), _counts(after)
    new = tuple(rule for rule in left if rule != finding.rule and left[rule] > before[rule])
    gone = left[finding.rule] < before[finding.rule]
    diff, why = _written(report, remedy.calls, remedy.rewrite)
    return Patch(finding, diff, why, True, gone, new)


def _counts(report: Report) -> Counter[str]:
    """How often each rule speaks: a call that was replaced has lost its name, so that findings cannot be told apart by it."""
    return Counter(f.rule for f in report.findings)


def _written(report: Report, calls: Sequence[Call], rewrite: str) -> tuple[str, str]:
    """(the unified diff, or why there is none)."""
    edits: dict[str, list[Edit]] = {}
    for call in calls:
        found = _edit(report, call, [c for c in calls if c.path == call.path], rewrite)
        if isinstance(found, str):
            return "", found
        file, edit = found
        if edit not in edits.setdefault(file, []):
            edits[file].append(edit)
    text = ""
    for file, ones in edits.items():
        old = Path(file).read_text(encoding="utf-8")
        lines = old.splitlines(keepends=True), applied(old, ones).splitlines(keepends=True)
        text += "".join(difflib.unified_diff(*lines, fromfile=f"a/{shown(file)}", tofile=f"b/{shown(file)}"))
    return text, "" if text else "the source says so already"


def _edit(report: Report, call: Call, together: list[Call], rewrite: str) -> tuple[str, Edit] | str:
    """Where in which file, and what to write there; or why not."""
    owner = call.owner
    if call.stage == "loss" and isinstance(getattr(report.subject, "loss", None), nn.Module):
        owner = report.subject.loss  # type: ignore[union-attr]
    uses = sum(seen.path == call.path and seen.module == call.module for seen in report.activations)
    own = owner is not None and not list(owner.children()) and call.module in ("", type(owner).__name__)
    if own and type(owner).__module__.startswith(("torch.nn.modules", "nonlin")):
        if call.stage == "model" and uses > len(together):
            return f"{call.path or 'the model'} ({type(owner).__name__}) is used in {uses} places, of which this is one: give this place its own"
        return _constructed(report, call, owner, rewrite)
    site = call.site
    if site is None:
        return f"where {call.spelling} is called is not known"
    return _readable(
        site.file, lambda text: at_call(text, site.line, call.spelling, rewrite), f"{call.spelling} in line {site.line}"
    )


def _constructed(report: Report, call: Call, owner: nn.Module, rewrite: str) -> tuple[str, Edit] | str:
    """The place that makes the module: in the class of its parent, or in the file that the model comes from."""
    kind = type(owner).__name__
    places: list[tuple[str, str | None]] = []
    assert report.subject is not None
    model = report.subject.model
    names = call.path.split(".")[:-1]
    for depth in range(len(names), -1, -1):
        parent = model.get_submodule(".".join(names[:depth])) if call.stage == "model" else model
        try:
            file = inspect.getsourcefile(type(parent))
        except (OSError, TypeError):
            continue
        if file is not None and not type(parent).__module__.startswith("torch."):
            places.append((file, type(parent).__name__))
    if report.fallback is not None:
        places += [(report.fallback.file, report.fallback.function), (report.fallback.file, None)]
    row = _row(report, call)
    for file, inside in places:
        found = _readable(file, partial(at_constructor, kind=kind, inside=inside, rewrite=rewrite, row=row), kind)
        if not isinstance(found, str):
            return found
    where = f"{call.path} ({kind})" if call.path else f"the loss ({kind})"
    return f"where {where} is made was not found in one place"


def _row(report: Report, call: Call) -> tuple[list[str], int] | None:
    """The classes in the Sequential that a module stands in, and its place there: they tell its constructor from others of its kind."""
    parent, _, place = call.path.rpartition(".")
    if report.subject is None or call.stage != "model" or not place.isdigit():
        return None
    holder = report.subject.model.get_submodule(parent)
    return [type(m).__name__ for m in holder.children()], int(place)


def _readable(file: str, find: Callable[[str], Edit | None], what: Any) -> tuple[str, Edit] | str:
    try:
        edit = find(Path(file).read_text(encoding="utf-8"))
    except (OSError, SyntaxError, UnicodeDecodeError):
        return f"the source of {file} cannot be read"
    return (file, edit) if edit is not None else f"{what} is not written there in one place"
