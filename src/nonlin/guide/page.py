"""Records in, one offline HTML page out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import jinja2
from markupsafe import Markup

from nonlin.guide import criteria, highlight, safe
from nonlin.guide.charts.accuracy import accuracy_figure
from nonlin.guide.charts.centring import centring_figure
from nonlin.guide.charts.curve import curve_figure, thumbnail
from nonlin.guide.charts.dead import dead_figure
from nonlin.guide.charts.figure import Figure, Names
from nonlin.guide.charts.gradient import gradient_figure
from nonlin.guide.charts.purpose import purpose_figure
from nonlin.guide.charts.reliability import reliability_figure
from nonlin.guide.charts.rowwise import rowwise_figure
from nonlin.guide.charts.speed import speed_figure
from nonlin.guide.charts.travel import travel_figure
from nonlin.guide.entry import Entry
from nonlin.guide.results import Measurements

_ROOM = Path(__file__).parent
_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_ROOM / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def _names(entries: Sequence[Entry], measured: Measurements) -> Names:
    groups = (measured.gradients, measured.accuracies, measured.dead_units, measured.centring, measured.speed)
    seen = [record.activation for group in groups for record in group]
    seen += [record.output for record in measured.reliability]
    return Names.of({entry.name: entry.title for entry in entries}, seen)


def _measured_figures(measured: Measurements, names: Names) -> list[Figure]:
    setting = measured.settings.get
    figures = (
        travel_figure(measured.gradients, names, setting("gradients")),
        gradient_figure(measured.gradients, names, setting("gradients")),
        accuracy_figure(measured.accuracies, names, setting("accuracies")),
        dead_figure(measured.dead_units, names, setting("dead_units")),
        centring_figure(measured.centring, names, setting("centring")),
        speed_figure(measured.speed, names, setting("speed")),
        reliability_figure(measured.reliability, names, setting("reliability")),
    )
    return [figure for figure in figures if figure is not None]


def _script(entries: Sequence[Entry]) -> str:
    """The page's one script: the formulas as functions, then the code that uses them."""
    helpers = dict.fromkeys(safe.script(helper, entry.name) for entry in entries for helper in entry.js_helpers)
    rows = []
    for entry in entries:
        about = safe.literal(
            {"title": entry.title, "kind": entry.kind, "p": {slider.name: slider.default for slider in entry.sliders}}
        )
        value = safe.script(entry.js_value, entry.name)
        slope = safe.script(entry.js_derivative, entry.name) or "null"
        rows.append(f"{safe.literal(entry.name)}:{{about:{about},f:{value},d:{slope}}}")
    code = (_ROOM / "static" / "guide.js").read_text(encoding="utf-8")
    formulas = "\n".join([*helpers, f"const FORMULAS={{{','.join(rows)}}};"])
    return f'"use strict";(()=>{{\n{formulas}\n{code}}})();'


def render(
    entries: Sequence[Entry],
    measurements: Measurements,
    *,
    title: str,
    version: str,
    command: str = "nonlin guide",
) -> str:
    """The whole page: self-contained, without a single request, readable without JavaScript.

    Args:
        entries: the activations, in the order in which they are told.
        measurements: what was measured; a figure without data is left out.
        title: the page's heading.
        version: of nonlin.
        command: what the reader types to make the page again.

    Returns:
        HTML text. Every name and sentence in it is escaped; formulas and scripts are checked.

    Raises:
        ValueError: where a name occurs twice, a formula is not MathML, or JavaScript would end the script element.
    """
    names = [entry.name for entry in entries]
    twice = sorted({name for name in names if names.count(name) > 1})
    if not entries or twice:
        raise ValueError(
            f"entries: expected at least one and each name once, but {f'{twice[0]!r} occurs twice' if twice else 'got none'}"
        )
    called = _names(entries, measurements)
    figures = _measured_figures(measurements, called)
    style = (_ROOM / "static" / "guide.css").read_text(encoding="utf-8")
    script = _script(entries)
    return _ENVIRONMENT.get_template("page.html.jinja").render(
        title=title,
        version=version,
        command=command,
        entries=[
            {
                "record": entry,
                "figure": curve_figure(entry) if entry.kind == "pointwise" else rowwise_figure(entry),
                "thumbnail": thumbnail(entry),
                "formula": safe.mathml(entry.formula_mathml, entry.name),
                "derivative": safe.mathml(entry.derivative_mathml, entry.name),
                "code": highlight.python(entry.example_code.strip("\n")),
            }
            for entry in entries
        ],
        measured=measurements,
        figures=figures,
        links={"#purpose", "#comparison", *(f"#{figure.identity}" for figure in figures)},
        purpose=purpose_figure(),
        principles=criteria.principles(entries, measurements),
        columns=criteria.COLUMNS,
        choices=criteria.choices(measurements, called),
        style=Markup(style),
        script=Markup(script),
        policy="; ".join(
            (
                "default-src 'none'",
                f"style-src {safe.digest(style)}",
                f"script-src {safe.digest(script)}",
                "base-uri 'none'",
                "form-action 'none'",
            )
        ),
    )
