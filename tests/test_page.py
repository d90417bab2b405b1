"""The page as a document: well formed, linked, accessible, escaped, small, and true to its records."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import itertools
import re
from html.parser import HTMLParser

import pytest

from nonlin.guide import criteria, highlight, safe
from nonlin.guide.charts.words import median, percent
from nonlin.guide.entry import Curve, Entry, Slider, Statement
from nonlin.guide.page import render
from nonlin.guide.results import Measurements
from tests.page_samples import entries, measurements, pointwise

VOID = {"meta", "link", "input", "br", "hr", "img", "wbr"}
HOSTILE = """</script><script>alert(1)</script>"><img src=x onerror=alert(2)>'"""
BUDGET = 400_000


class Document(HTMLParser):
    """The page as lists: elements with attributes, whether tags balance, and the text of each element kind."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.text: dict[str, list[str]] = {}
        self.parents: dict[str, list[str]] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if len(given) != len(attrs):
            self.wrong.append(f"<{tag}> repeats an attribute")
        self.elements.append((tag, given))
        if tag not in VOID:
            self.open.append(tag)
            self.text.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.text[tag][-1] += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [given for name, given in self.elements if name == tag]


def rendered(records: list[Entry], measured: Measurements | None = None) -> str:
    return render(records, measurements() if measured is None else measured, title="A sample guide", version="0.0.0")


@pytest.fixture(scope="module")
def html() -> str:
    return rendered(entries())


@pytest.fixture(scope="module")
def page(html: str) -> Document:
    return Document(html)


def style_of(html: str) -> str:
    return html.split("<style>")[1].split("</style>")[0]


def script_of(html: str) -> str:
    return html.split("<script>")[1].split("</script>")[0]


def test_tags_balance(page: Document) -> None:
    assert page.wrong == []
    assert page.open == []


def test_ids_are_unique(page: Document) -> None:
    ids = [given["id"] for _, given in page.elements if "id" in given]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("measured", [None, Measurements({})], ids=["measured", "nothing measured"])
def test_every_reference_resolves(measured: Measurements | None) -> None:
    page = Document(rendered(entries(), measured))
    ids = {given["id"] for _, given in page.elements if "id" in given}
    wanted = {given["href"].removeprefix("#") for given in page.all("a")}
    for _, given in page.elements:
        for key in ("for", "aria-labelledby", "aria-describedby"):
            wanted.update(given.get(key, "").split())
        wanted.update(re.findall(r"url\(#([^)]+)\)", given.get("clip-path", "")))
    assert wanted - ids == set()


def test_every_drawing_says_what_it_shows_and_every_figure_has_its_numbers(html: str) -> None:
    figures = re.findall(r"<figure.*?</figure>", html, re.DOTALL)
    assert len(figures) == len(entries()) + 1 + 7
    for figure in figures:
        drawings = re.findall(r"<svg.*?</svg>", figure, re.DOTALL)
        assert drawings
        for drawing in drawings:
            assert re.search(r"<title[^>]*>[^<]{5,}</title><desc[^>]*>[^<]{10,}</desc>", drawing)
            assert 'role="img"' in drawing
            assert "aria-labelledby" in drawing
        table = figure.split("<details")[1]
        assert "<caption>" in table
        assert table.count("<tr>") > 1


def test_everything_of_an_entry_is_told(page: Document) -> None:
    told = " ".join(" ".join(page.text["body"]).split())
    for entry in entries():
        for words in (entry.title, entry.summary, entry.example_output, *(fact.value for fact in entry.facts)):
            assert words in told
        for statement in (*entry.advantages, *entry.disadvantages):
            assert f"{statement.text} {statement.how}" in told


def test_landmarks_and_headings(page: Document) -> None:
    for landmark in ("header", "nav", "main", "footer"):
        assert page.all(landmark)
    assert page.all("h1") == [{}]
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    assert page.all("html")[0]["lang"] == "en"
    first = next(given for tag, given in page.elements if tag == "a")
    assert first == {"class": "skip", "href": "#main"}


def test_every_control_has_a_name(page: Document) -> None:
    labelled = {given.get("for") for given in page.all("label")}
    for given in page.all("input"):
        assert given["id"] in labelled
    for given in page.all("div"):
        if given.get("tabindex") == "0":
            assert given.get("aria-label")


def test_no_request_and_nothing_inline_that_the_policy_forbids(html: str, page: Document) -> None:
    addresses = set(re.findall(r"https?://[^\"' )]+", html))
    assert addresses <= {"http://www.w3.org/1998/Math/MathML", "http://www.w3.org/2000/svg"}
    assert "@import" not in html
    assert "url(" not in style_of(html)
    for tag, given in page.elements:
        assert not {"style", "src"} & set(given), tag
        assert not any(key.startswith("on") for key in given), tag
    assert len(page.all("script")) == 1
    assert len(page.all("style")) == 1
    assert not re.search(r"\beval\(|new Function|innerHTML|document\.write", script_of(html))


def test_the_policy_knows_exactly_this_style_and_this_script(html: str, page: Document) -> None:
    policy = next(
        given["content"] for given in page.all("meta") if given.get("http-equiv") == "Content-Security-Policy"
    )
    for kind, text in (("style", style_of(html)), ("script", script_of(html))):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_page_is_small_and_the_same_every_time(html: str) -> None:
    assert len(html.encode()) <= BUDGET
    assert rendered(entries()) == html


def hostile() -> Entry:
    plain = entries()[0]
    changed = dict.fromkeys(
        ("name", "title", "summary", "family", "source", "example_code", "example_output", "torch_equivalent"), HOSTILE
    )
    return dataclasses.replace(
        plain,
        **changed,  # type: ignore[arg-type]
        sliders=(Slider(HOSTILE, 0.5, 0.0, 1.0, 0.1, HOSTILE),),
        notes=(Statement(HOSTILE, HOSTILE),),
        used_in=(HOSTILE,),
    )


def test_hostile_words_stay_words() -> None:
    measured = measurements()
    measured = dataclasses.replace(
        measured, machine=HOSTILE, gradients=(dataclasses.replace(measured.gradients[0], activation=HOSTILE),)
    )
    html = render([hostile(), *entries()], measured, title=HOSTILE, version=HOSTILE)
    page = Document(html)
    assert page.wrong == []
    assert page.open == []
    assert len(page.all("script")) == 1
    assert page.all("img") == []
    assert not any(key.startswith("on") for _, given in page.elements for key in given)
    assert "alert(1)</script>" not in html
    assert HOSTILE in page.text["h1"]
    ids = [given["id"] for _, given in page.elements if "id" in given]
    assert len(ids) == len(set(ids))
    assert not any(re.search(r"[\s<>]", one) for one in ids)


@pytest.mark.parametrize(
    "formula",
    [
        "<math><script>alert(1)</script></math>",
        "<math><mi onclick='alert(1)'>x</mi></math>",
        "<math><mtext><img src=x></mtext></math>",
        "<math><maction href='javascript:alert(1)'><mi>x</mi></maction></math>",
        "<math><mi>x</math>",
        "<math><mi>x</mi>",
        "x + 1",
    ],
)
def test_what_is_not_mathml_is_refused(formula: str) -> None:
    with pytest.raises(ValueError, match=r"relu: .*expected"):
        rendered([dataclasses.replace(entries()[0], formula_mathml=formula)])


def test_mathml_is_kept_and_its_text_escaped() -> None:
    assert (
        str(safe.mathml("<math><mo>&lt;</mo><mo>&InvisibleTimes;</mo></math>", "f"))
        == '<math display="block"><mo>&lt;</mo><mo>\u2062</mo></math>'
    )


@pytest.mark.parametrize("source", ["x=>'</script>'", "x=>x<!--1", "x=>'<SCRIPT'"])
def test_javascript_that_would_end_the_script_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match=r"relu: .*would end"):
        rendered([dataclasses.replace(entries()[0], js_value=source)])


def test_json_in_the_script_cannot_end_it() -> None:
    text = safe.literal({HOSTILE: "\u2028&"})
    assert not re.search(r"[<>&\u2028]", text)


def test_helpers_are_emitted_once() -> None:
    logistic = next(entry for entry in entries() if entry.js_helpers)
    twin = dataclasses.replace(logistic, name="twin", title="Twin")
    assert rendered([logistic, twin]).count("function logistic(") == 1


def test_bad_input_says_what_was_expected() -> None:
    with pytest.raises(ValueError, match="'relu' occurs twice"):
        rendered([entries()[0], entries()[0]])
    with pytest.raises(ValueError, match="at least one"):
        rendered([])
    with pytest.raises(ValueError, match="same number"):
        Curve((0.0, 1.0), (0.0,), (0.0, 1.0))
    with pytest.raises(ValueError, match="give curve="):
        dataclasses.replace(entries()[0], curve=None)


def test_the_comparison_shows_what_was_measured() -> None:
    measured = measurements()
    cells = {column.title: column.cell for column in criteria.COLUMNS}
    sigmoid = next(entry for entry in entries() if entry.name == "sigmoid")
    record = next(r for r in measured.gradients if r.activation == "sigmoid")
    assert cells["Gradient a layer"](sigmoid, measured).value == median(record.factor_per_layer)
    deepest = next(r for r in measured.accuracies if r.activation == "sigmoid" and r.depth == 6)
    assert cells["Accuracy, deepest"](sigmoid, measured).text == percent(median(seed[-1] for seed in deepest.accuracy))
    assert cells["Dead units"](sigmoid, measured).value is None
    assert cells["Differentiable"](entries()[0], measured).text == "not at 0"


def test_advice_changes_with_the_data() -> None:
    measured = measurements()
    worse = [
        dataclasses.replace(r, accuracy=tuple(tuple(0.1 for _ in seed) for seed in r.accuracy))
        if r.activation != "sigmoid"
        else r
        for r in measured.accuracies
    ]
    html = rendered(entries(), dataclasses.replace(measured, accuracies=tuple(worse)))
    advice = html.split('id="choose"')[1]
    assert re.search(r"Sigmoid [\d.]+\W*%: the highest median test accuracy at 6 hidden layers", advice)


def test_without_measurements_nothing_is_claimed() -> None:
    html = rendered(entries(), Measurements({}))
    assert 'id="measured"' not in html
    assert 'id="choose"' not in html
    assert "×" not in html.split("<main")[1].split('id="activations"')[0]


def test_thirty_activations_fit_as_well() -> None:
    many = [dataclasses.replace(entries()[k % 4], name=f"f{k}", title=f"F{k}") for k in range(30)]
    html = rendered(many)
    page = Document(html)
    assert page.wrong == []
    assert 'id="filter"' in html
    assert len(html.encode()) <= 2 * BUDGET


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_colours_can_be_read_in_light_and_dark(html: str) -> None:
    pairs = dict(re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}, #[0-9a-f]{6})\)", style_of(html)))
    words = ["ink", "muted", "link", "f-text", "d-text", "good", "bad", *(f"s{k}" for k in range(8))]
    lines = ["f", "d", *(f"q{k}" for k in range(4))]
    for theme in (0, 1):
        colour = {name: pair.split(", ")[theme] for name, pair in pairs.items()}
        for ground in ("bg", "surface"):
            for name, needed in [(word, 4.5) for word in words] + [(line, 3.0) for line in lines]:
                light, dark = sorted((luminance(colour[name]), luminance(colour[ground])), reverse=True)
                assert (light + 0.05) / (dark + 0.05) >= needed, (name, ground, theme)


def test_code_is_marked_and_kept() -> None:
    source = 'import torch  # "why" < 1\nx = f"{1 + 2}"\n'
    marked = str(highlight.python(source))
    assert (
        re.sub(r"</?span[^>]*>", "", marked).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == source
    )
    assert '<span class="kw">import</span>' in marked
    assert '<span class="com">#' in marked
    assert str(highlight.python("def (")) == "def (" or "kw" in str(highlight.python("def ("))


def test_a_name_that_cannot_be_an_id_gets_one() -> None:
    plain = pointwise("x y", "T", lambda x: x, lambda x: 1.0, ("(x,p)=>x", "(x,p)=>1"), ("<mi>x</mi>", "<mn>1</mn>"))
    assert re.fullmatch(r"u[0-9a-f]{10}", plain.anchor)
