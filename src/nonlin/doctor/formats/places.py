"""Where a finding is shown in the user's files: its first call with a line of source, else what the report falls back on."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from nonlin.doctor.calls import Call
from nonlin.doctor.finding import Finding
from nonlin.doctor.sites import Site, shown

if TYPE_CHECKING:
    from nonlin.doctor.report import Report


def site(finding: Finding, report: Report) -> Site | None:
    """The line that stands for the finding; the models' own containers (nn.Sequential) have none."""
    return next((call.site for call in finding.calls if call.site is not None), report.fallback)


def file(at: Site) -> str:
    """Its file, with slashes, relative to the current folder if it lies below: as services that know the repository want it."""
    return shown(at.file).replace(os.sep, "/")


def uri(at: Site) -> str:
    """The same as a URI: relative, or ``file://`` where it lies elsewhere.

    Example:
        >>> uri(Site("a model#1.py", 3, "forward"))
        'a%20model%231.py'
    """
    name = shown(at.file)
    return Path(name).as_uri() if os.path.isabs(name) else quote(file(at))


def module(call: Call) -> str:
    """The qualified name of the module whose call it is; its class where it is the model itself."""
    return "loss" if call.stage != "model" else call.path or call.module


def grouped(finding: Finding) -> list[tuple[str, str, int]]:
    """Every place once: what it is called, its line of source, and how often it was called."""
    seen = Counter((call.where, call.site.text if call.site else "") for call in finding.calls)
    seen.update((place, "") for place in finding.places)
    return [(where, line, count) for (where, line), count in seen.items()]
