"""A finished figure: drawing, finding, setting and the numbers behind it. And the names that series go by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from nonlin.guide.charts.words import counted
from nonlin.guide.results import Setting

_COLOURS = 8


@dataclass(frozen=True)
class Table:
    """The figure in numbers, for readers who cannot or would rather not look at it."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Panel:
    """One drawing of a figure; ``heading`` stands above it where there are several."""

    svg: Markup
    heading: str = ""


@dataclass(frozen=True)
class Figure:
    """Args:
    identity: its id on the page.
    title: what it shows.
    finding: what the data say, computed from them.
    points: further findings, one line each.
    setting: how they were obtained.
    layout: "wide" (one drawing, scrolls on a narrow screen), "grid" (small multiples) or "single".
    """

    identity: str
    title: str
    panels: tuple[Panel, ...]
    finding: str
    setting: str
    table: Table
    layout: str = "single"
    points: tuple[str, ...] = ()


@dataclass(frozen=True)
class Names:
    """How an activation is called and drawn: its title, and the same colour and marker in every figure."""

    titles: Mapping[str, str]

    @classmethod
    def of(cls, known: Mapping[str, str], measured: Iterable[str]) -> Names:
        """``known`` first, then every measured name that has no title of its own."""
        titles = dict(known)
        for name in measured:
            titles.setdefault(name, name)
        return cls(titles)

    def title(self, name: str) -> str:
        return self.titles[name]

    def shape(self, name: str) -> int:
        return list(self.titles).index(name)

    def style(self, name: str) -> str:
        return f"s{self.shape(name) % _COLOURS}"


def described(setting: Setting | None) -> str:
    """A setting in sentences, without what does not apply to it (zero epochs: nothing was trained)."""
    if setting is None:
        return ""
    held = f" and {setting.test_samples:,} held out" if setting.test_samples else ""
    parts = [f"{setting.dataset}: {counted(setting.samples, 'sample')}{held}"]
    if len(setting.depths) == 1:
        parts.append(counted(setting.depths[0], "hidden layer"))
    if setting.width:
        parts.append(f"{setting.width} units a layer")
    if setting.epochs:
        rate = f" at learning rate {setting.learning_rate:g}" if setting.learning_rate else ""
        parts.append(
            f"{setting.optimizer}{rate}, {counted(setting.epochs, 'epoch')} in batches of {setting.batch_size}"
        )
    if setting.seeds > 1:
        parts.append(counted(setting.seeds, "seed"))
    sentences = [", ".join(parts) + "."]
    sentences += [text.strip().rstrip(".") + "." for text in (setting.initialisation, setting.note) if text.strip()]
    return " ".join(text[0].upper() + text[1:] for text in sentences)
