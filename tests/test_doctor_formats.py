"""A report as data, SARIF and annotations: true to its findings, whatever the model's names and source hold."""

from __future__ import annotations

import itertools
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import nonlin
from nonlin.doctor.diagnose import diagnose
from nonlin.doctor.finding import Picture, rules
from nonlin.doctor.formats.bins import BINS
from nonlin.doctor.report import Report
from nonlin.doctor.sites import Site
from tests.doctor_reports import (
    HOSTILE,
    SKEWED,
    Document,
    call,
    finding,
    hostile_report,
    hostile_source,
    report,
)


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return hostile_source(tmp_path)


@pytest.fixture
def hostile(source: Path) -> Report:
    return hostile_report(source)


# Data


def test_data_is_json_without_infinities(hostile: Report) -> None:
    found = json.loads(json.dumps(hostile.to_dict(), allow_nan=False))
    assert found["loss"] == "inf"
    assert found["findings"][0]["numbers"] == {HOSTILE: HOSTILE, "nan": "nan", "inf": "inf"}
    assert (found["version"], found["nonlin"], found["ok"]) == (1, nonlin.__version__, False)
    assert found["summary"] == "1 error, 1 note"
    assert found["unchecked"] == [{"rule": "L08", "name": HOSTILE, "why": HOSTILE}]
    assert found["unseen"] == [{"where": HOSTILE, "why": HOSTILE}]
    assert [f["severity"] for f in found["ignored"]] == ["warning"]
    assert found["activations"][0]["shape"] == [32, 64]


def test_data_tells_where(hostile: Report) -> None:
    first, second = hostile.to_dict()["findings"]
    assert first["sites"][0] == {
        "file": "my models/net#1, a::b%.py", "line": 2, "function": "<lambda>", "path": HOSTILE, "module": "Softmax", "spelling": "F.softmax",
    }  # fmt: skip
    assert (first["places"], second["sites"]) == ([HOSTILE], [])
    assert first["fingerprint"] == hostile.findings[0].fingerprint


def test_data_has_the_bins_of_a_distribution() -> None:
    values = torch.cat([SKEWED.values, torch.tensor([math.nan, math.inf])])
    picture = report(finding(picture=Picture("t", values, "x", {math.inf: "end"}))).to_dict()["findings"][0]["picture"]
    edges, counts = picture["bins"]["edges"], picture["bins"]["counts"]
    assert (len(edges), len(counts), sum(counts)) == (BINS + 1, BINS, 400)
    assert (edges[0], edges[-1], picture["finite"], picture["not_finite"]) == (-1, 3, 400, 2)
    assert picture["marks"] == [{"at": "inf", "name": "end"}]
    inside = [sum(low <= v < high for v in SKEWED.values.tolist()) for low, high in itertools.pairwise(edges)]
    assert counts[:-1] == inside[:-1]


def test_data_keeps_values_in_order() -> None:
    values = torch.tensor([1.0, math.inf, math.nan, 0.5])
    found = report(finding(picture=Picture("t", values, "layer", steps=True))).to_dict()["findings"][0]["picture"]
    assert (found["kind"], found["values"]) == ("steps", [1.0, "inf", "nan", 0.5])


# SARIF


def results(given: Report) -> list[dict[str, Any]]:
    log = json.loads(json.dumps(given.to_sarif(), allow_nan=False))
    found: list[dict[str, Any]] = log["runs"][0]["results"]
    return found


def test_sarif_has_what_it_must(hostile: Report) -> None:
    log = hostile.to_sarif()
    assert (log["version"], log["$schema"]) == ("2.1.0", "https://json.schemastore.org/sarif-2.1.0.json")
    [run] = log["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"]) == ("nonlin doctor", nonlin.__version__)
    assert [r["id"] for r in driver["rules"]] == [r.id for r in rules()]
    for told_, rule in zip(driver["rules"], rules(), strict=True):
        assert told_["shortDescription"] == {"text": rule.name}
        assert told_["help"]["text"] == rule.text != ""
        assert told_["defaultConfiguration"]["level"] == rule.severity
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", told_["name"]), told_["name"]
    [note] = run["invocations"][0]["toolConfigurationNotifications"]
    assert driver["rules"][note["associatedRule"]["index"]]["id"] == note["associatedRule"]["id"] == "L08"
    for result, found in zip(run["results"], hostile.findings, strict=True):
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == found.rule
        assert result["message"]["text"] == f"{HOSTILE}\nfix: {found.fix}"
        assert list(result["partialFingerprints"].values()) == [found.fingerprint]
    assert [r["level"] for r in run["results"]] == ["error", "note"]


def test_sarif_says_where(hostile: Report, source: Path) -> None:
    first, second = results(hostile)
    [location] = first["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "my%20models/net%231%2C%20a%3A%3Ab%25.py", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 2, "snippet": {"text": "y = '</script><b>&amp;'"}},
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": HOSTILE, "kind": "module"}]
    assert [r["logicalLocations"][0]["fullyQualifiedName"] for r in first["relatedLocations"]] == ["b"]
    assert second["locations"] == []
    assert "relatedLocations" not in second


def test_a_file_elsewhere_has_an_absolute_uri(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = source.parents[1] / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    [result] = results(report(finding(calls=(call(site=Site(str(source), 1, "f")),))))
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": source.as_uri()}


def test_the_fallback_stands_in_for_a_line() -> None:
    findings = (
        finding(calls=(call(),)),
        finding(places=("a.weight",)),
        finding(calls=(call(site=Site("own.py", 9, "f")),)),
    )
    given = report(*findings, fallback=Site("train.py", 7, "build"))
    places = [r["locations"][0] for r in results(given)]
    where = [
        (p["physicalLocation"]["artifactLocation"]["uri"], p["physicalLocation"]["region"]["startLine"]) for p in places
    ]
    assert where == [("train.py", 7), ("train.py", 7), ("own.py", 9)]
    assert [p["logicalLocations"][0]["fullyQualifiedName"] for p in places] == ["head.1", "a.weight", "head.1"]
    lines = given.to_github().splitlines()
    assert [line.split(",title")[0] for line in lines] == ["::error file=train.py,line=7"] * 2 + [
        "::error file=own.py,line=9"
    ]
    given.fallback = None
    assert "physicalLocation" not in results(given)[0]["locations"][0]
    assert given.to_github().startswith("::error title=L01 softmax before cross-entropy::")


# GitHub


def read(line: str) -> tuple[str, dict[str, str], str]:
    """A command as GitHub's runner reads it: the first ``::`` after the properties ends them."""
    matched = re.fullmatch(r"::(\w+) ([^\r\n]*?)::([^\r\n]*)", line)
    assert matched is not None, line
    undone = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}
    properties = dict(part.split("=", 1) for part in matched[2].split(","))
    clear = re.compile("|".join(undone))
    unescaped = {key: clear.sub(lambda m: undone[m[0]], value) for key, value in properties.items()}
    return matched[1], unescaped, re.sub("%0D|%0A|%25", lambda m: undone[m[0]], matched[3])


def test_annotations_survive_the_runner(hostile: Report) -> None:
    hostile.findings.append(finding("warning"))
    lines = hostile.to_github().split("\n")
    assert len(lines) == 3
    commands = [read(line) for line in lines]
    assert [name for name, _, _ in commands] == ["error", "notice", "warning"]
    assert commands[0][1] == {
        "file": "my models/net#1, a::b%.py",
        "line": "2",
        "title": "L01 softmax before cross-entropy",
    }
    assert commands[0][2] == f"{HOSTILE}\nfix: {HOSTILE}"


# All of them


def test_a_report_without_findings() -> None:
    given = report()
    assert (given.to_dict()["ok"], given.to_dict()["findings"], results(given), given.to_github()) == (True, [], [], "")
    page = Document(given.to_html())
    assert not page.wrong
    assert "Nothing found" in page.text
    assert not page.all("article")
    assert "nothing found" in given._repr_html_()


def test_a_report_of_a_model() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden, self.head = nn.Linear(20, 64), nn.Linear(64, 10)

        def forward(self, x: Tensor) -> Tensor:
            return torch.softmax(self.head(torch.relu(self.hidden(x))), dim=1)

    given = diagnose(Net(), torch.randn(32, 20), torch.randint(10, (32,)), loss="cross_entropy")
    [one] = [f for f in given.to_dict()["findings"] if f["rule"] == "L01"]
    assert Path(one["sites"][0]["file"]).name == Path(__file__).name
    assert sum(one["picture"]["bins"]["counts"]) == one["picture"]["finite"]
    page = Document(given.to_html())
    assert not page.wrong
    assert len(page.all("article")) == len(given.findings) == len(results(given)) == len(given.to_github().splitlines())
    assert "return torch.softmax(self.head(torch.relu(self.hidden(x))), dim=1)" in page.text
    assert "Net" in page.text
