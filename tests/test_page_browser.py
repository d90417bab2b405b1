"""The page in a real browser, offline: what a reader sees, moves and hears."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from nonlin.guide.page import render
from tests.page_samples import entries, measurements, sigmoid

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = (
    os.environ.get("CHROMIUM")
    or shutil.which("chromium")
    or shutil.which("chromium-browser")
    or shutil.which("google-chrome")
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Open = Callable[..., "Page"]

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium on this machine: install it, or name it in CHROMIUM"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_api.sync_playwright() as play:
        running = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("page") / "guide.html"
    path.write_text(render(entries(), measurements(), title="A sample guide", version="0.0.0"), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Open]:
    """Opens the page; at the end no visit may have left an error, a warning or a request behind."""
    contexts, trouble = [], []

    def open_page(width: int = 1280, motion: Literal["reduce", "no-preference"] = "reduce", **options: Any) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, reduced_motion=motion, offline=True, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("request", lambda request: trouble.append(request.url) if request.url != address else None)
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert trouble == []


def read(page: Page, name: str) -> str:
    return page.locator(f'.stage[data-name="{name}"] .read').inner_text()


def test_light_dark_and_the_button_between_them(visit: Open) -> None:
    light, dark = visit(color_scheme="light"), visit(color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert light.evaluate(ground) != dark.evaluate(ground)
    assert light.screenshot() != dark.screenshot()
    light.get_by_role("button", name="Switch to the dark theme").click()
    assert light.evaluate(ground) == dark.evaluate(ground)
    light.get_by_role("button", name="Switch to the light theme").click()
    assert light.evaluate(ground) != dark.evaluate(ground)


def test_a_slider_redraws_both_lines_and_reset_brings_them_back(visit: Open) -> None:
    page = visit()
    stage = page.locator('.stage[data-name="leaky_relu"]')
    paths = [stage.locator(f".line.{kind}") for kind in ("f", "d")]
    slider = stage.locator('input[data-parameter="negative_slope"]')
    slider.fill("0.1")
    before = [path.get_attribute("d") for path in paths]
    slider.fill("0.2")
    after = [path.get_attribute("d") for path in paths]
    assert all(a != b for a, b in zip(before, after, strict=True))
    assert stage.locator("output[for$='-p1']").inner_text() == "0.2"
    stage.get_by_role("button", name="Reset").click()
    assert slider.input_value() == "0.01"


def test_the_redrawn_curve_is_the_static_one(visit: Open) -> None:
    page = visit()
    for name in ("relu", "leaky_relu", "sigmoid", "tanh"):
        stage = page.locator(f'.stage[data-name="{name}"]')
        off = page.evaluate(
            """name => {
              const stage = document.querySelector(`.stage[data-name="${name}"]`), line = stage.querySelector('.line.f');
              const at = (x) => { const n = line.getTotalLength(); let lo = 0, hi = n;
                for (let k = 0; k < 40; k++) { const m = (lo + hi) / 2; if (line.getPointAtLength(m).x < x) lo = m; else hi = m; }
                return line.getPointAtLength(lo).y; };
              const xs = [60, 120, 180, 240, 300, 360], before = xs.map(at), kept = line.getAttribute('d');
              const select = stage.querySelector('select'); select.dispatchEvent(new Event('change'));
              return Math.max(...xs.map((x, i) => Math.abs(at(x) - before[i]))) + (kept === line.getAttribute('d') ? 99 : 0);
            }""",
            name,
        )
        assert off < 0.5, (name, stage)


def test_a_jump_is_not_bridged(visit: Open) -> None:
    page = visit()
    page.locator('.stage[data-name="relu"] select').select_option("tanh")
    d = page.locator('.stage[data-name="relu"] .line.d').get_attribute("d")
    assert d is not None
    assert d.count("M") == 2


def test_pointing_reads_the_right_numbers(visit: Open) -> None:
    page = visit()
    hit = page.locator('.stage[data-name="sigmoid"] .hit')
    hit.scroll_into_view_if_needed()
    box = hit.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] / 2)
    parts = read(page, "sigmoid").replace("−", "-").split()
    x, f, slope = (float(parts[k]) for k in (2, 5, 8))
    assert x == pytest.approx(2.0, abs=0.05)
    assert f == pytest.approx(sigmoid(x), abs=1.5e-3)
    assert slope == pytest.approx(sigmoid(x) * sigmoid(-x), abs=1.5e-3)


def test_a_pin_stays_while_the_reader_moves_on(visit: Open) -> None:
    page = visit()
    hit = page.locator('.stage[data-name="tanh"] .hit')
    hit.focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    text = read(page, "tanh")
    assert "pinned: x = −5.000" in text
    assert text.startswith("x = 5.000")
    page.locator('.stage[data-name="tanh"]').get_by_role("button", name="Pin").click()
    assert "pinned" not in read(page, "tanh")


def test_another_activation_can_be_laid_over(visit: Open) -> None:
    page = visit()
    stage = page.locator('.stage[data-name="relu"]')
    stage.locator("select").select_option("sigmoid")
    assert (stage.locator("path.other").first.get_attribute("d") or "").startswith("M")
    stage.locator(".hit").focus()
    assert "Sigmoid: f(x) = 0.500" in read(page, "relu")


def test_temperature_sharpens_and_flattens_softmax(visit: Open) -> None:
    page = visit()
    stage = page.locator('.stage[data-name="softmax"]')

    def values() -> list[float]:
        return [float(text) for text in stage.locator(".out-text").all_text_contents()]

    cool = values()
    stage.locator("[data-temperature]").fill("5")
    warm = values()
    assert warm[0] < cool[0]
    assert warm[-1] > cool[-1]
    assert sum(warm) == pytest.approx(1, abs=0.003)


def test_the_purpose_slider_changes_the_net(visit: Open) -> None:
    page = visit()
    line = page.locator("#purpose-line")
    before = line.get_attribute("d")
    page.locator("#purpose-units").fill("2")
    assert line.get_attribute("d") != before
    assert "2 units: error" in page.locator("#purpose-read").inner_text()


def test_the_table_sorts_both_ways_with_missing_values_last(visit: Open) -> None:
    page = visit()
    column = page.locator("#compared thead th").nth(3)
    for order, wanted in (("ascending", "Sigmoid"), ("descending", "Tanh")):
        column.get_by_role("button").click()
        assert column.get_attribute("aria-sort") == order
        names = page.locator("#compared tbody th").all_inner_texts()
        assert names[0] == wanted
        assert names[-1] == "Softmax"


def test_without_javascript_everything_is_told(visit: Open) -> None:
    page = visit(java_script_enabled=False)
    for heading in (
        "What an activation function is for",
        "What makes a good one",
        "The activations",
        "Measured",
        "Which one to use",
    ):
        assert page.get_by_role("heading", name=heading, exact=True).is_visible()
    for name in ("relu", "leaky_relu", "sigmoid", "tanh", "softmax"):
        assert page.locator(f"#plot-{name}").is_visible()
    assert page.locator("button:visible, input:visible, select:visible").count() == 0


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_page_never_scrolls_sideways(visit: Open, width: int) -> None:
    page = visit(width)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [360, 1280])
def test_labels_of_a_chart_do_not_cover_each_other(visit: Open, width: int) -> None:
    page = visit(width)
    covered = page.evaluate(
        """() => [...document.querySelectorAll('svg[role], svg.curve')].flatMap((svg) => {
          const boxes = [...svg.querySelectorAll('text')].filter((t) => t.textContent.trim()).map((t) => [t.textContent, t.getBoundingClientRect()]);
          return boxes.flatMap(([a, p], i) => boxes.slice(i + 1).filter(([, q]) =>
            Math.min(p.right, q.right) - Math.max(p.left, q.left) > 1.5 && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 4
          ).map(([b]) => `${svg.id}: ${a} / ${b}`));
        })"""
    )
    assert covered == []


def test_every_control_is_reached_by_the_keyboard_and_shows_it(visit: Open) -> None:
    page = visit()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    reached = set()
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        what = page.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e);
              return [e.className.baseVal ?? e.dataset.do ?? e.type ?? e.tagName, s.outlineStyle !== 'none' || s.strokeWidth === '2px']; }"""
        )
        assert what[1], what
        reached.add(what[0])
    assert {"hit", "sweep", "pin", "compare", "theme", "copy", "range"} <= reached


def test_reduced_motion_stands_still_until_asked(visit: Open) -> None:
    page = visit()
    figure = page.locator("#figure-travel")
    figure.scroll_into_view_if_needed()
    page.wait_for_timeout(400)
    pulse = page.locator("#figure-travel .pulse").first
    assert pulse.get_attribute("cx") is None
    assert figure.locator(".bulb").first.get_attribute("opacity") is None
    figure.get_by_role("button", name="Play").click()
    page.wait_for_timeout(400)
    assert pulse.get_attribute("cx") is not None


def test_the_journey_moves_and_pauses(visit: Open) -> None:
    page = visit(motion="no-preference")
    figure = page.locator("#figure-travel")
    page.locator("#plot-travel").scroll_into_view_if_needed()
    page.wait_for_timeout(1200)
    pulse = page.locator("#figure-travel .pulse").first
    first = pulse.get_attribute("cx")
    page.wait_for_timeout(300)
    assert first is not None
    assert pulse.get_attribute("cx") != first
    figure.get_by_role("button", name="Pause").click()
    held = pulse.get_attribute("cx")
    page.wait_for_timeout(300)
    assert pulse.get_attribute("cx") == held


def test_the_moving_disc_has_the_measured_size_at_every_layer(visit: Open) -> None:
    page = visit()
    page.locator("#figure-travel").scroll_into_view_if_needed()
    page.locator("#figure-travel").get_by_role("button", name="Play").click()
    for _ in range(12):
        page.wait_for_timeout(150)
        gap = page.evaluate(
            """() => { const group = document.querySelectorAll('.journey')[2], pulse = group.querySelector('.pulse');
              const xs = document.querySelector('#plot-travel').dataset.xs.split(' ').map(Number);
              const shares = group.dataset.shares.split(' ').map(Number);
              const x = Number(pulse.getAttribute('cx')), r = Number(pulse.getAttribute('r'));
              if (!pulse.hasAttribute('cx') || x > xs.at(-1) || x < xs[0] + 1) return 0;
              const i = xs.findIndex((at) => at >= x), way = (xs[i] - x) / (xs[i] - xs[i - 1]);
              return Math.abs(r - 14 * Math.sqrt(shares[i] ** (1 - way) * shares[i - 1] ** way)); }"""
        )
        assert gap < 0.05


def test_the_tangent_touches_the_curve(visit: Open) -> None:
    page = visit()
    stage = page.locator('.stage[data-name="tanh"]')
    stage.locator(".hit").focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    slope = page.evaluate(
        """() => { const svg = document.querySelector('#plot-tanh'), [x0, x1, y0, y1] = svg.dataset.domain.split(' ').map(Number);
          const [l, t, r, b] = svg.dataset.box.split(' ').map(Number);
          const [p, q] = svg.querySelector('.tangent').getAttribute('d').slice(1).split('L').map((s) => s.split(' ').map(Number));
          return -(q[1] - p[1]) / (q[0] - p[0]) * (r - l) / (x1 - x0) * (y1 - y0) / (b - t); }"""
    )
    assert slope == pytest.approx(1 / 1.1276259652**2, abs=2e-3)


def test_the_sweep_runs_and_hands_over_to_the_pointer(visit: Open) -> None:
    page = visit()
    stage = page.locator('.stage[data-name="sigmoid"]')
    stage.get_by_role("button", name="Move along the curve").click()
    page.wait_for_timeout(500)
    assert read(page, "sigmoid").startswith("x = −")
    stage.get_by_role("button", name="Pause").click()
    assert stage.get_by_role("button", name="Move along the curve").is_visible()


def test_copy_says_that_it_copied(visit: Open) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    button = page.locator("[data-do=copy]").first
    button.click()
    page.wait_for_function("['Copied', 'Selected'].includes(document.querySelector('[data-do=copy]').textContent)")
    got = page.evaluate("navigator.clipboard.readText().catch(() => getSelection().toString())")
    assert got.strip() == entries()[0].example_code.strip()


def test_print_leaves_out_what_paper_cannot_do(visit: Open) -> None:
    page = visit()
    page.emulate_media(media="print")
    assert page.locator("button:not(th button):visible, .toc:visible, input:visible").count() == 0
    assert page.locator("#plot-relu").is_visible()
