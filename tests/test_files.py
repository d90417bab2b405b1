"""Nothing is ever half-written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nonlin.files import OutputError, check_writable, write_text


def test_writes_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_text(path, "one")
    write_text(path, "two\n")
    assert path.read_bytes() == b"two\n"
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "page.html"
    write_text(path, "old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OutputError, match="No space left"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


def test_keeps_the_mode_of_what_it_replaces(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")
    path.chmod(0o640)
    write_text(path, "new")
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(("path", "message"), [("nowhere/x.html", "no directory"), (".", "is a directory")])
def test_a_path_that_cannot_be_written_is_refused_before_the_work(path: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=message):
        check_writable(tmp_path / path)
