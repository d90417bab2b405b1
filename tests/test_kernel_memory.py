"""No kernel reads or writes outside its arrays: a few of each kind here, all of them by benchmarks/sanitize.py."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from nonlin import registry
from nonlin.kernels import compiler, source
from tests import sanitizer
from tests.paths import compiles


def sanitizes() -> bool:
    """Whether the compiler can build a program with AddressSanitizer."""
    chosen = compiler.compiler()
    if chosen is None:
        return False
    test = [*chosen.command, "-x", "c", "-", "-fsanitize=address", "-o", "/dev/null"]
    return (
        subprocess.run(test, input="int main(void){return 0;}", text=True, capture_output=True, check=False).returncode
        == 0
    )


pytestmark = [
    pytest.mark.skipif(not compiles(), reason="no C compiler: there are no kernels to test"),
    pytest.mark.skipif(compiles() and not sanitizes(), reason="this compiler has no AddressSanitizer"),
]

SOME = [
    ("silu", "pointwise", "single"), ("elu", "pointwise", "double"), ("gelu", "gated", "single"), ("tanh", "gated", "double"),
    ("prelu", "learned", "single"), ("prelu", "learned", "double"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "role", "family"), SOME)
def test_kernels_stay_inside_their_arrays(name: str, role: Any, family: Any, tmp_path: Path) -> None:
    assert sanitizer.run(registry.find(name), role, family, tmp_path) == "clean"


def test_the_sanitizer_catches_a_kernel_that_reads_too_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = source.source(registry.find("silu"), "pointwise", "single")
    broken = whole.replace("end - at < block ? end - at : block", "block")
    assert broken != whole
    monkeypatch.setattr(sanitizer, "source", lambda *_: broken)
    assert "heap-buffer-overflow" in sanitizer.run(registry.find("silu"), "pointwise", "single", tmp_path)
