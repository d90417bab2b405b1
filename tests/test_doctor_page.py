"""A report as a page and a fragment, and its pictures: drawn to scale, escaped, accessible, loading nothing."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from pathlib import Path
from typing import Any, Final

import pytest
import torch

from nonlin.doctor.finding import Picture
from nonlin.doctor.formats import html
from nonlin.doctor.formats.bins import histogram, told
from nonlin.doctor.formats.svg import BOTTOM, draw
from nonlin.doctor.report import Report
from nonlin.doctor.sites import Site
from tests.doctor_reports import (
    HOSTILE,
    LAYERS,
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


def drawn(picture: Picture) -> Document:
    return Document(str(draw(picture, "figure")))


# Pictures


def test_bars_are_as_tall_as_their_counts() -> None:
    bars = drawn(SKEWED).all("rect", **{"class": "bar f"})
    counts = [count for count in histogram(SKEWED).counts if count]
    heights = [float(bar["height"]) for bar in bars]
    tall = [(h, c) for h, c in zip(heights, counts, strict=True) if c > 2]  # the least are drawn so that they are seen
    assert len(tall) > 5
    assert [h / heights[0] for h, _ in tall] == pytest.approx([c / counts[0] for _, c in tall], rel=0.01)
    assert all(float(bar["y"]) + float(bar["height"]) == pytest.approx(BOTTOM, abs=0.02) for bar in bars)
    lefts = [float(bar["x"]) for bar in bars]
    assert lefts == sorted(set(lefts))


def test_a_mark_stands_at_its_value() -> None:
    document = drawn(Picture("t", torch.tensor([-2.0, 2.0]), "x", {0.0: "0", 1e6: "far"}))
    first, last = document.all("rect", **{"class": "bar f"})
    middle = (float(first["x"]) + float(last["x"]) + float(last["width"])) / 2
    [mark] = document.all("path", **{"class": "mark d"})
    assert float(re.findall(r"[\d.]+", mark["d"])[0]) == pytest.approx(middle, abs=0.05)
    assert "far 1e+06 →" in document.text


def test_labels_of_marks_do_not_overlap() -> None:
    marks = {0.0: "zero", 0.01: "almost zero", -50.0: "low", 90.0: "high"}
    names = [a for a in drawn(Picture("t", torch.linspace(-1, 1, 9), "x", marks)).all("text") if "name d" in a["class"]]
    assert sorted(float(a["y"]) for a in names) == [27, 27, 27, 44]


def test_layers_on_a_logarithmic_scale() -> None:
    document = drawn(Picture("t", torch.cat([LAYERS.values, torch.tensor([0.0, math.nan])]), "layer", {}, True, True))
    heights = [float(a["cy"]) for a in document.all("circle", **{"class": "dot f"})]
    assert (heights[2] - heights[1]) / (heights[1] - heights[0]) == pytest.approx(3 / 2, rel=0.01)
    [none] = document.all("circle", **{"class": "ring f"})
    assert float(none["cy"]) > max(heights)
    assert len(document.all("circle")) == 4


def test_layers_as_bars_from_zero() -> None:
    bars = drawn(Picture("t", torch.tensor([2.0, -1.0, 0.5]), "layer", steps=True)).all("rect")
    heights, tops = [float(bar["height"]) for bar in bars], [float(bar["y"]) for bar in bars]
    assert [h / heights[0] for h in heights] == pytest.approx([1, 0.5, 0.25], abs=0.01)
    assert tops[0] + heights[0] == pytest.approx(tops[1], abs=0.02)  # one goes up, the next down from there


EXTREMES: Final = {
    "huge": [-1.7e308, 0.0, 1.7e308], "tiny": [1e-300, 3e-300], "subnormal": [5e-324, 0.0], "one value": [1e30] * 5, "zeros": [0.0] * 3,
    "close": [0.5, 0.5 + 1e-15], "infinite": [math.inf, -math.inf, 1.0],
}  # fmt: skip


@pytest.mark.parametrize("steps", [False, True], ids=["distribution", "steps"])
@pytest.mark.parametrize("name", EXTREMES)
def test_extreme_values_are_drawn(name: str, steps: bool) -> None:
    values = torch.tensor(EXTREMES[name], dtype=torch.float64)
    number = int(values.isfinite().sum())
    for logarithmic in (False, True):
        picture = Picture(name, values, "x", {0.0: "0", 1e308: "far", -math.inf: "none"}, logarithmic, steps)
        document = drawn(picture)
        assert not document.wrong
        assert len(document.all("rect")) + len(document.all("circle")) == (
            number if steps else len(set(EXTREMES[name][:number])) or 1
        )
        assert "inf" not in str(draw(picture, "f")).replace("infinite", "")
    assert sum(histogram(picture).counts) == number


def test_one_value_stands_in_the_middle_of_its_bar() -> None:
    for value in (-3.0, 0.0, 1e30):
        [(low, high, count)] = [row for row in histogram(Picture("t", torch.full((5,), value), "x")) if row[2]]
        assert (low < high, count) == (True, 5)
        assert (low + high) / 2 == pytest.approx(value, rel=1e-6, abs=1e-12)


def test_nothing_finite_is_said_and_not_drawn() -> None:
    picture = Picture("t", torch.tensor([math.nan, math.inf]), "x")
    assert draw(picture, "f") == ""
    assert told(picture) == "none of 2 values is finite"
    assert "None of 2 values is finite" in html.page(report(finding(picture=picture)))


# Page and fragment


@pytest.mark.parametrize("form", [html.page, html.fragment])
def test_hostile_text_stays_text(hostile: Report, form: Any) -> None:
    document = Document(form(hostile))
    assert not document.wrong
    assert {"script", "img", "b"} & {tag for tag, _ in document.elements} == {"b"}
    assert not any(key.startswith("on") for _, given in document.elements for key in given)
    flat = " ".join(document.text.split())
    assert flat.count(" ".join(HOSTILE.split())) >= 8
    assert "y = '</script><b>&amp;'" in document.text, "the line of source"


@pytest.mark.parametrize("form", [html.page, html.fragment])
def test_nothing_is_loaded(hostile: Report, form: Any) -> None:
    text = form(hostile)
    for tag, given in Document(text).elements:
        assert tag not in ("script", "link", "img", "iframe", "object")
        assert given.get("href", "#").startswith("#")
        assert not {"src", "srcset", "style", "xlink:href"} & given.keys()
    assert not re.search(r"url\(|@import|@font-face", text)


def test_the_page_allows_itself_its_own_style_alone() -> None:
    text = html.page(report(finding(picture=SKEWED)))
    style = text.split("<style>")[1].split("</style>")[0]
    [policy] = Document(text).all("meta", **{"http-equiv": "Content-Security-Policy"})
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy["content"].startswith(f"default-src 'none'; style-src 'sha256-{digest}'")


def test_the_page_can_be_found_through() -> None:
    document = Document(html.page(report(finding(picture=SKEWED, calls=(call(),)), finding("note", picture=LAYERS))))
    assert [len(document.all(tag)) for tag in ("html", "header", "nav", "main", "footer", "h1", "article")] == [
        1,
        1,
        1,
        1,
        1,
        1,
        2,
    ]
    ids = [given["id"] for _, given in document.elements if "id" in given]
    assert len(ids) == len(set(ids))
    named = [n for _, given in document.elements for n in given.get("aria-labelledby", "").split()]
    linked = [given["href"][1:] for _, given in document.elements if "href" in given]
    assert named
    assert linked
    assert {*named, *linked} <= set(ids)
    assert document.all("html")[0]["lang"] == "en"
    assert all(given["role"] == "img" for given in document.all("svg"))


def test_each_picture_has_its_numbers_in_a_table() -> None:
    text = html.page(report(finding(picture=SKEWED), finding(picture=LAYERS)))
    tables = [
        [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in t.split("<tr>")[2:]]
        for t in text.split("<table>")[1:3]
    ]
    assert [int(row[2]) for row in tables[0]] == [count for count in histogram(SKEWED).counts if count]
    assert tables[1] == [["1", "1"], ["2", "0.01"], ["3", "1e−05"]]
    assert "400 values from −1 to 3, the median −1; marked: 0." in text


def test_the_fragment_styles_nothing_outside_and_shares_no_id() -> None:
    one, other = html.fragment(report(finding(picture=SKEWED))), html.fragment(report(finding("note", picture=SKEWED)))
    style = one.split("<style>")[1].split("</style>")[0]
    flat = re.sub(r"/\*.*?\*/|@media[^{]*\{", "", style)
    selectors = [s.strip() for group in re.findall(r"([^{}]+)\{", flat) for s in group.split(",")]
    assert len(selectors) > 20
    assert [s for s in selectors if ".nonlin-report" not in s] == []
    ids = [
        {a["id"] for _, a in Document(text).elements if "id" in a}
        for text in (one, html.fragment(report(finding(message="b", picture=SKEWED))))
    ]
    assert ids[0]
    assert not ids[0] & ids[1]
    assert '<details class="one" open>' in one
    assert "open>" not in other, "a note is folded"


def test_places_without_a_call_are_named() -> None:
    assert "<li>encoder.0.weight</li>" in html.page(report(finding(places=("encoder.0.weight",))))


def test_calls_at_one_line_are_one_place() -> None:
    calls = tuple(call(i, "blocks", Site("net.py", 3, "forward")) for i in range(12)) + tuple(
        call(i, f"m{i}") for i in range(9)
    )
    text = html.page(report(finding(calls=calls)))
    assert "12 times" in text
    assert "<summary>4 more</summary>" in text
