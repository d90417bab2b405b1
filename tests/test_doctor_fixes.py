"""Patches: the source changed where it should and nowhere else, the fix tried, nothing applied."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from nonlin.doctor.diagnose import diagnose
from nonlin.doctor.fixes import Patch, patches
from nonlin.doctor.rewrite import applied, at_call, at_constructor

HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n\n"


def edited(source: str, line: int, spelling: str, rewrite: str) -> str | None:
    edit = at_call(source, line, spelling, rewrite)
    return None if edit is None else applied(source, [edit])


@pytest.mark.parametrize(("line", "spelling", "rewrite", "after"), [
    ("y = F.softmax(x, dim=1)", "F.softmax", "remove", "y = x"),
    ("y = self.head(x).softmax(-1)", "Tensor.softmax", "remove", "y = self.head(x)"),
    ("y = F.softmax(F.relu(x), 1) + 1", "F.softmax", "remove", "y = F.relu(x) + 1"),
    ("é = F.softmax(ü, dim=1)  # ß", "F.softmax", "remove", "é = ü  # ß"),
    ("x.relu_()", "Tensor.relu_", "inplace=False", "x = x.relu()"),
    ("y = x.relu_() + 1", "Tensor.relu_", "inplace=False", "y = x.relu() + 1"),
    ("y = torch.relu_(x)", "torch.relu_", "inplace=False", "y = torch.relu(x)"),
    ("y = F.relu(x, inplace=True)", "F.relu", "inplace=False", "y = F.relu(x, inplace=False)"),
    ("y = F.softmax(x, dim=0)", "F.softmax", "dim=-1", "y = F.softmax(x, dim=-1)"),
    ("y = F.softmax(x, 0)", "F.softmax", "dim=-1", "y = F.softmax(x, -1)"),
    ("y = x.softmax(0)", "Tensor.softmax", "dim=-1", "y = x.softmax(-1)"),
    ("y = F.softmax(x)", "F.softmax", "dim=-1", "y = F.softmax(x, dim=-1)"),
    ("y = F.softmax(self.fc(x), dim=1)", "F.softmax", "relu", "y = F.relu(self.fc(x))"),
    ("y = self.fc(x).softmax(1)", "Tensor.softmax", "relu", "y = self.fc(x).relu()"),
    ("y = x.softmax(dim=1)", "Tensor.softmax", "log_softmax", "y = x.log_softmax(dim=1)"),
    ("l = F.nll_loss(x, y)", "F.nll_loss", "cross_entropy", "l = F.cross_entropy(x, y)"),
    ("y = F.softmax(x, 1) * F.softmax(z, 1)", "F.softmax", "remove", None),  # which of the two?
    ("y = attention(x)", "F.softmax", "remove", None),
])  # fmt: skip
def test_a_call(line: str, spelling: str, rewrite: str, after: str | None) -> None:
    before = f"# one\n{line}\n# three\n"
    assert edited(before, 2, spelling, rewrite) == (None if after is None else f"# one\n{after}\n# three\n")


@pytest.mark.parametrize(("text", "kind", "rewrite", "after"), [
    ("m = nn.Sequential(a, nn.Softmax(dim=1))", "Softmax", "remove", "m = nn.Sequential(a)"),
    ("m = nn.Sequential(nn.ReLU(), a, b)", "ReLU", "remove", "m = nn.Sequential(a, b)"),
    ("m = nn.Sequential(\n    a,\n    nn.Softmax(1),\n)", "Softmax", "remove", "m = nn.Sequential(\n    a,\n)"),
    ("m = [a, nn.Softmax(1)]", "Softmax", "remove", "m = [a]"),
    ("m = nn.Softmax(1)", "Softmax", "remove", "m = nn.Identity()"),
    ("m = Softmax(1)", "Softmax", "remove", "m = Identity()"),
    ("m = nn.ReLU(inplace=True)", "ReLU", "inplace=False", "m = nn.ReLU(inplace=False)"),
    ("m = nn.ReLU(True)", "ReLU", "inplace=False", "m = nn.ReLU(False)"),
    ("m = nn.ReLU()", "ReLU", "inplace=False", None),
    ("m = nn.Softmax(dim=0)", "Softmax", "dim=-1", "m = nn.Softmax(dim=-1)"),
    ("m = nn.Softmax()", "Softmax", "dim=-1", "m = nn.Softmax(dim=-1)"),
    ("m = nn.Softmax(dim=1)", "Softmax", "relu", "m = nn.ReLU()"),
    ("m = nn.Dropout(0.2)", "Dropout", "alpha_dropout", "m = nn.AlphaDropout(0.2)"),
    ("l = nn.BCELoss()", "BCELoss", "binary_cross_entropy_with_logits", "l = nn.BCEWithLogitsLoss()"),
    ("a = nn.Softmax(1)\nb = nn.Softmax(1)", "Softmax", "remove", None),
])  # fmt: skip
def test_a_constructor(text: str, kind: str, rewrite: str, after: str | None) -> None:
    edit = at_constructor(text, kind, None, rewrite)
    assert (None if edit is None else applied(text, [edit])) == after


def test_a_constructor_among_others_of_its_kind() -> None:
    text = "a = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU())"
    row = (["Linear", "ReLU", "Linear", "ReLU"], 3)
    edit = at_constructor(text, "ReLU", None, "remove", row)
    assert edit is not None
    assert applied(text, [edit]) == "a = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))"
    two = f"def a():\n    {text}\ndef b():\n    {text}"
    edit = at_constructor(two, "ReLU", "b", "remove", row)
    assert edit is not None
    assert applied(two, [edit]) == two[: -len(", nn.ReLU())")] + ")"
    assert at_constructor(f"class A:\n    {text}\nclass B:\n    {text}", "ReLU", "C", "remove", row) is None


def module(folder: Path, text: str) -> Any:
    path = folder / "program.py"
    path.write_text(HEAD + text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("program_to_patch", path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules["program_to_patch"] = found
    spec.loader.exec_module(found)
    return found


def only(found: list[Patch]) -> Patch:
    (patch,) = found
    return patch


def test_a_patch_applies_and_the_program_is_then_healthy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(20, 10)\n\n"
    text += "    def forward(self, x):\n        return F.softmax(self.fc(x), dim=1)\n"
    batch, target = torch.randn(32, 20), torch.randint(0, 10, (32,))
    program = module(tmp_path, text)
    patch = only(patches(diagnose(program.Net(), batch, target, loss="cross_entropy")))
    assert patch.gone
    assert (tmp_path / "program.py").read_text(encoding="utf-8") == HEAD + text  # nothing is applied unasked
    subprocess.run(["patch", "-p1"], input=patch.diff.encode(), cwd=tmp_path, check=True, capture_output=True)
    after = (tmp_path / "program.py").read_text(encoding="utf-8")
    assert after == HEAD + text.replace("F.softmax(self.fc(x), dim=1)", "self.fc(x)")
    fixed = module(tmp_path, after.removeprefix(HEAD))
    assert diagnose(fixed.Net(), batch, target, loss="cross_entropy").findings == []


def test_a_fix_that_does_not_help_is_told() -> None:
    """The judge of a fix: with a remedy that does nothing the finding is still there."""

    report = diagnose(
        nn.Sequential(nn.Linear(20, 10), nn.Softmax(1)),
        torch.randn(32, 20),
        torch.randint(0, 10, (32,)),
        loss="cross_entropy",
    )
    (finding,) = report.findings
    assert finding.remedy is not None
    report.findings = [replace(finding, remedy=replace(finding.remedy, action=lambda func: func))]
    patch = only(patches(report))
    assert patch.tried
    assert not patch.gone
    assert "still there" in str(patch)


def test_what_has_no_mechanical_fix_says_so() -> None:
    model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 10))
    with torch.no_grad():
        model[0].bias[:] = -100  # type: ignore[operator]
    report = diagnose(model, torch.randn(1200, 20), torch.randint(0, 10, (1200,)), loss="cross_entropy")
    patch = only([p for p in patches(report) if p.finding.rule == "D03"])
    assert not patch.tried
    assert str(patch).startswith("# D03 dead rectifier: nothing mechanical to do: ")


def test_a_module_that_is_used_elsewhere_is_not_taken_out() -> None:
    class Shared(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc, self.fc2, self.act = nn.Linear(20, 64), nn.Linear(64, 10), nn.ReLU()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y: torch.Tensor = self.act(self.fc2(self.act(self.fc(x))))
            return y

    patch = only(patches(diagnose(Shared(), torch.randn(32, 20), torch.randint(0, 10, (32,)), loss="cross_entropy")))
    assert patch.gone
    assert patch.diff == ""
    assert "act (ReLU) is used in 2 places" in patch.why
