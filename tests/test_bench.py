"""``nonlin bench``: what it compares, the arithmetic of its ratios, its records and its text. Speeds are not tested."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import torch

from benchmarks import cpu_kernels
from nonlin import registry
from nonlin.bench import contention, measure, plan, plot, report, rivals, spelling, subjects
from nonlin.bench.measure import Spread
from nonlin.bench.plan import COMPILE, EAGER, OWN, Plan
from nonlin.bench.records import Report, Timing, geometric_mean
from nonlin.bench.run import run
from nonlin.catalogue import declarations
from nonlin.cli import main
from nonlin.errors import NonlinError, UnknownNameError
from nonlin.formula.grammar import KNOWN_FUNCTIONS
from nonlin.formula.primitives import PRIMITIVES
from tests.catalogue import DEFAULTS, FORMULAS
from tests.paths import composite_only

TEXTS = ("leaky_relu(0.2)", "gelu(approximate='tanh')", "elu(alpha=2.0)", "glu(gate='mish')", "glu(gate='celu(0.5)')")
NAMES = [*(case.name for case in DEFAULTS if case.kind != "rowwise"), *TEXTS]


@pytest.mark.parametrize("dtype", list(rivals.TOLERANCE), ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_eager_torch_computes_the_same(name: str, dtype: torch.dtype) -> None:
    """In value and in gradient: what is timed against nonlin is the same function."""
    subject = subjects.subject(name)
    rivals.checked(subject.eager, subject, dtype)
    inputs = measure.leaves(subject.tensors(60, torch.float64, scale=2.0))
    incoming = torch.ones(subject.shape(60), dtype=torch.float64)
    own = torch.autograd.grad(subject.own(*inputs), inputs, incoming)
    eager = torch.autograd.grad(subject.eager(*inputs), inputs, incoming)
    torch.testing.assert_close(eager, own, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", [a.name for a in FORMULAS if a.kind == "pointwise"])
def test_a_textbook_formula_in_plain_torch(name: str) -> None:
    """Also where torch has the function: the spelling of a formula is right for every formula of the catalogue."""
    activation = registry.find(name)
    x = torch.linspace(-4.0, 4.0, 41, dtype=torch.float64)
    learned = [torch.tensor([p.default], dtype=torch.float64) for p in activation.learnable]
    actual = spelling.spelled(activation, {})(x, *learned)
    with composite_only():
        torch.testing.assert_close(actual, subjects.subject(name).own(x, *learned), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("function", [f for f in KNOWN_FUNCTIONS if f != "sqrt"])
def test_every_function_of_a_formula_is_spelled(function: str) -> None:
    arguments = {1: "x", 2: "x, 0.5", 3: "x, -0.5, 0.5"}[PRIMITIVES[function].arity]
    call = f"{function}(x > 0, x, 2*x)" if function == "where" else f"{function}({arguments})"
    formula = f"{function}(1 + x*x)" if function.startswith("log") else call
    activation = registry.define("spelled_probe", f"x + {formula}")
    for dtype in (torch.float64, torch.bfloat16):
        subject = subjects.subject(activation.name)
        with composite_only():  # kernels have their own tests and take seconds to compile
            rivals.checked(subject.eager, subject, dtype)


def test_a_power_and_a_learned_parameter_are_spelled() -> None:
    from nonlin import Parameter

    activation = registry.define(
        "powers", "scale * sqrt(1 + x**2) + x**5 / 100 + s", scale=Parameter("scale", 0.5, learnable=True), s=1.0
    )
    assert spelling.source(activation, {"s": 2.0}).splitlines()[0] == "def formula(x, scale):"
    subject = subjects.subject("powers")
    assert len(subject.tensors(8, torch.float32)) == 2
    rivals.checked(subject.eager, subject, torch.float64)


def test_whatever_computes_something_else_is_not_compared() -> None:
    subject = subjects.subject("silu")
    with pytest.raises(rivals.Unavailable, match="something else"):
        rivals.checked(torch.tanh, subject, torch.float32)
    with pytest.raises(rivals.Unavailable, match="shape"):
        rivals.checked(lambda x: x[:1], subject, torch.float32)
    with pytest.raises(rivals.Unavailable, match="TypeError"):
        rivals.checked(lambda: torch.ones(1), subject, torch.float32)


def test_a_package_is_compared_by_the_names_of_its_functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "import torch\ndef swish(x): return x * torch.sigmoid(x)\ndef relu(x): return x\n"
    (tmp_path / "some_activations.py").write_text(lines, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    found = run(
        Plan(("silu", "swiglu", "relu", "mish"), (64,), modes=("forward",), against=("some_activations",), rounds=1)
    )
    compared = {t.function: set(t.ratios) for t in found.timings}
    assert compared == {"silu": {"some_activations"}, "swiglu": {"some_activations"}, "relu": set(), "mish": set()}
    reasons = {t.function: t.skipped.get("some_activations", "") for t in found.timings}
    assert "something else" in reasons["relu"]
    assert reasons["mish"] == "some_activations has no function of that name"


@pytest.fixture(scope="module")
def small() -> Report:
    """Every mode, once."""
    return run(
        Plan(("silu", "swiglu", "glu", "prelu", "identity"), (64, 96), ("float32", "bfloat16"), plan.MODES, rounds=1)
    )


def test_every_mode_dtype_and_size_is_measured(small: Report) -> None:
    modes = [("forward", 64), ("forward", 96), ("train", 64), ("train", 96), ("call", 64), ("recorded call", 64)]
    expected = {(dtype, *mode) for dtype in ("float32", "bfloat16") for mode in modes}
    for name in ("silu", "swiglu", "glu", "prelu", "identity"):
        assert {(t.dtype, t.mode, t.elements) for t in small.timings if t.function == name} == expected
    for t in small.timings:
        assert not t.skipped
        assert set(t.microseconds) == {OWN, EAGER}
        assert set(t.ratios) == {EAGER}
        assert t.ratios[EAGER].median == pytest.approx(t.microseconds[EAGER].median / t.microseconds[OWN].median)
        assert (t.bandwidth is None) == ("call" in t.mode)
    assert {s.functions for s in small.summaries} == {5}
    assert small.machine["threads"] == 1


def test_saved_bytes(small: Report) -> None:
    found = {(m.function, m.dtype): m.bytes for m in small.memories}
    assert found["silu", "float32"] == {OWN: 4.0, EAGER: 4.0}
    assert found["swiglu", "float32"] == {OWN: 8.0, EAGER: 12.0}
    assert found["swiglu", "bfloat16"] == {OWN: 4.0, EAGER: 6.0}
    assert found["glu", "float32"][OWN] == 8.0
    assert found["prelu", "bfloat16"] == {OWN: 2.0, EAGER: 2.0}
    assert found["identity", "float32"] == {OWN: 0.0, EAGER: 0.0}


def test_a_view_and_its_base_are_saved_once() -> None:
    x = torch.ones(8)
    assert measure.saved_bytes(lambda x: x[:4] * x[4:] * x[0], [x]) == 32 + 16  # x, and the first product


def test_the_text_tells_everything(small: Report) -> None:
    told = report.text(small)
    for words in (
        "forward and backward, bfloat16",
        "96 elements",
        "geometric mean",
        "over eager",
        "saved for backward",
        "glu",
    ):
        assert words in told
    assert max(map(len, told.splitlines())) < 160
    assert not [line for line in told.splitlines() if line != line.rstrip()]


def test_the_record_is_json(small: Report) -> None:
    told = json.loads(json.dumps(small.to_dict(), allow_nan=False))
    assert set(told) == {"machine", "summary", "timings", "memory"}
    assert set(told["timings"][0]["microseconds"][OWN]) == {"median", "low", "high"}
    assert not any("/" in str(value) for value in told["machine"].values())  # no path


def _timing(function: str, ratio: float, elements: int = 64, mode: str = "train", waited: float = 0.0) -> Timing:
    times = {OWN: Spread(1.0, 1.0, 1.0), EAGER: Spread(ratio, ratio, ratio)}
    return Timing(
        function, "torch.relu", mode, "float32", elements, 1, times, {EAGER: times[EAGER]}, times[OWN], waited, {}
    )


MACHINE: dict[str, Any] = {
    "cpu": "CPU", "cores": 2, "threads": 2, "system": "Linux", "nonlin": "0", "torch": "0", "python": "3",
    "compiler": "cc",
}  # fmt: skip


def test_a_summary_is_the_geometric_mean_and_the_worst() -> None:
    assert geometric_mean([1.0, 4.0]) == 2.0
    made = Report(MACHINE, tuple(_timing(f, r) for f, r in (("a", 8.0), ("b", 0.5), ("c", 2.0))), ())
    (summary,) = made.summaries
    assert (summary.geometric_mean, summary.worst, summary.worst_ratio, summary.functions) == (2.0, "b", 0.5, 3)
    assert "eager / nonlin 2.00 in the geometric mean of 3, least 0.50 (b)" in report.text(made)


def test_spread_is_median_and_quartiles() -> None:
    assert Spread.of([5.0, 1.0, 3.0, 2.0, 4.0]) == Spread(3.0, 2.0, 4.0)
    assert Spread.of([7.0]) == Spread(7.0, 7.0, 7.0)
    assert Spread(1.0, 0.9, 1.1).wide
    assert not Spread(1.0, 0.99, 1.01).wide


def test_calls_take_turns_and_lead_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(measure, "_repeats", lambda call: 1)
    calls = {name: partial(called.append, name) for name in "abc"}
    turns = measure.in_turns(calls, seconds=1.0, rounds=4)
    assert "".join(called) == "aabbcc" + "bbccaa" + "ccaabb" + "aabbcc"  # each once for the caches, once for the clock
    assert 1 <= len(turns.times["a"]) <= 4


def test_seconds_bound_the_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "waited_ns", lambda: 0)
    assert len(measure.in_turns({"a": lambda: None}, seconds=1e-9).times["a"]) == measure.MIN_ROUNDS
    assert len(measure.in_turns({"a": lambda: None}, seconds=60.0).times["a"]) == measure.MAX_ROUNDS


def test_disturbed_rounds_are_left_out_where_enough_others_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    shares = [0.9, 0.01, 0.9, 0.02, 0.0, 0.9, 0.9, 0.9, 0.9]
    rounds = iter([({"a": float(i)}, share) for i, share in enumerate(shares)])
    monkeypatch.setattr(measure, "_round", lambda *given: next(rounds))
    none = {"a": lambda: None}
    assert measure.in_turns(none, seconds=1.0, rounds=5) == measure.Turns({"a": [1.0, 3.0, 4.0]}, 0.01)
    assert measure.in_turns(none, seconds=1.0, rounds=4) == measure.Turns({"a": [5.0, 6.0, 7.0, 8.0]}, 0.9)


def test_undisturbed_rounds_are_waited_for_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(100))  # a second a look
    monkeypatch.setattr(measure, "perf_counter", lambda: next(clock))
    shares = iter([0.9, 0.0, 0.9, 0.0, 0.0])
    monkeypatch.setattr(measure, "_round", lambda *given: ({"a": 1.0}, next(shares)))
    assert len(measure.in_turns({"a": lambda: None}, seconds=2.0).times["a"]) == 3
    monkeypatch.setattr(measure, "_round", lambda *given: ({"a": 1.0}, 0.9))
    assert len(measure.in_turns({"a": lambda: None}, seconds=2.0).times["a"]) == 2 * measure.PATIENCE


def test_waiting_for_a_core_is_told() -> None:
    called = _timing("c", 1.0, mode="call", waited=0.5)
    told = report.text(Report(MACHINE, (_timing("a", 2.0, waited=0.8), _timing("b", 2.0), called), ()))
    assert "! 2 of 3 timings" in told
    assert "c !" in told
    assert "1.00!" in next(line for line in told.splitlines() if line.startswith("a "))
    assert contention.waited_ns() >= 0


def test_threads_are_restored() -> None:
    before = torch.get_num_threads()
    with pytest.raises(UnknownNameError):
        run(Plan(("mich",), threads=before + 1))
    found = run(Plan(("relu",), (64,), modes=("forward",), threads=before + 1, rounds=1))
    assert found.machine["threads"] == before + 1
    assert torch.get_num_threads() == before


def test_compiled_torch_is_compared_at_the_sizes_chosen() -> None:
    chosen = Plan(("mish",), (64, 128), modes=("train",), against=(EAGER, COMPILE), compile_sizes=(128,), rounds=1)
    found = run(chosen)
    assert [set(t.ratios) for t in found.timings] == [{EAGER}, {EAGER, COMPILE}]


def test_what_does_not_compile_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*tensors: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("no compiler\nmore lines")

    monkeypatch.setattr(torch, "compile", lambda function, **options: fail)
    found = run(Plan(("mish",), (64,), modes=("train", "memory"), against=(EAGER, COMPILE), rounds=1))
    for record in found.records:
        assert record.skipped == {COMPILE: "RuntimeError: no compiler"}
    assert "not compared with compile: RuntimeError: no compiler: mish" in report.text(found)


def test_the_plot_shows_every_function_and_ratio() -> None:
    made = Report(MACHINE, (_timing("a", 8.0), _timing("b<c", 0.5), _timing("a", 2.0, mode="forward")), ())
    root = ElementTree.fromstring(plot.draw(made))
    words = {element.text for element in root.iter() if element.tag.endswith("text")}
    assert {"a", "b<c", "eager", "forward, float32", "forward and backward, float32", "geometric mean 2.00"} <= words
    assert len([e for e in root.iter() if e.tag.endswith("circle")]) == 3 + 1  # and the legend's
    with pytest.raises(NonlinError, match="no ratio to draw"):
        plot.draw(Report(MACHINE, (), ()))


def test_the_plot_takes_a_million_elements_or_the_most() -> None:
    timings = tuple(_timing("a", 2.0, elements) for elements in (64, 2**20, 2**24))
    assert "1,048,576 elements" in plot.draw(Report(MACHINE, timings, ()))
    assert "16,777,216 elements" in plot.draw(Report(MACHINE, timings[::2], ()))


BAD_PLANS = {
    "no such size": ("--sizes 5kk", "expected numbers of elements"),
    "size twice": ("--sizes 1M,1M", "at most once"),
    "no size": ("--sizes ,", "at least one"),
    "no such dtype": ("--dtypes flaot32", "did you mean 'float32'"),
    "no such mode": ("--mode trian", "did you mean 'train'"),
    "no such peer": ("--against compil", "did you mean 'compile'"),
    "no threads": ("--threads 0", "at least 1"),
    "no repeats": ("--repeats 0", "at least 1"),
    "no seconds": ("--seconds 0", "positive"),
    "unknown name": ("sliu", "did you mean 'silu'"),
    "whole rows": ("softmax", "whole rows"),
    "twice": ("relu relu", "more than once"),
    "another argument of a gate": ("glu(dim=0)", "give gate alone"),
    "a gate that learns": ("glu(gate='prelu')", "learns"),
    "a plot of nothing": ("--mode memory --plot out.svg", "Add one of them"),
    "no such directory": ("-o nowhere/out.json", "there is no directory"),
}


@pytest.mark.parametrize("case", BAD_PLANS)
def test_a_bad_call_says_what_to_do(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, message = BAD_PLANS[case]
    assert main(["bench", *arguments.split()]) == 2
    assert message in capsys.readouterr().err


def test_help_imports_no_torch() -> None:
    code = (
        "import sys\nfrom nonlin.cli import main\ntry:\n    main(['bench', '--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'torch', 'sympy', 'numpy'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_the_command_writes_all_it_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawing, record = tmp_path / "out.svg", tmp_path / "out.json"
    arguments = ["bench", "wave", "--define", "wave=x + sin(x)", "--sizes", "64", "--repeats", "1", "--quick"]
    assert main([*arguments, "--plot", str(drawing), "-o", str(record)]) == 0
    shown = capsys.readouterr()
    assert "eager is several of torch's operations for wave" in shown.out
    assert not shown.err  # no progress where nobody looks
    assert json.loads(record.read_text(encoding="utf-8"))["timings"][0]["function"] == "wave"
    ElementTree.parse(drawing)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.json", "out.svg"]


def test_json_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "relu", "--sizes", "64", "--repeats", "1", "--mode", "forward", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["summary"][0]["mode"] == "forward"


def test_everything_is_compared_by_default() -> None:
    names = subjects.default_names()
    assert set(names) == {
        a.name for a in declarations().values() if a.kind in ("pointwise", "gated") and not a.rule
    } - {"identity"}


def test_the_recorded_benchmark_covers_the_catalogue() -> None:
    plans = cpu_kernels.plans(quick=True)
    assert {mode for p in plans for mode in p.modes} == set(plan.MODES)
    remembered = [name for p in plans if p.modes == ("memory",) for name in p.names]
    assert sorted(remembered) == sorted(subjects.default_names())
