"""What the cache never loads: what is broken, what others could have written; and what happens where nothing can be kept."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from nonlin.kernels import cache, compiler, private
from tests.compiled import ANSWER, elsewhere, library, load, manifest, needs, notices
from tests.compiled import fresh as fresh

pytestmark = needs


def another_library() -> None:
    """One that compiles, loads and gives another answer, as someone who can write here would put it."""
    compiler.compile_library("int answer(void) { return 666; }", library())


def another_owner(path: Path) -> None:
    os.chown(path, 12345, -1)


BROKEN: dict[str, Callable[[], object]] = {
    "library missing": lambda: library().unlink(),
    "library empty": lambda: library().write_bytes(b""),
    "library truncated": lambda: library().write_bytes(library().read_bytes()[:1000]),
    "library with one bit changed": lambda: library().write_bytes(library().read_bytes()[:-1] + b"\x80"),
    "library of someone else": another_library,
    "library writable by its group": lambda: library().chmod(0o660),
    "library writable by all": lambda: library().chmod(0o606),
    "library of another owner": lambda: another_owner(library()),
    "manifest missing": lambda: manifest().unlink(),
    "manifest empty": lambda: manifest().write_text(""),
    "manifest truncated": lambda: manifest().write_text(manifest().read_text()[:40]),
    "manifest not UTF-8": lambda: manifest().write_bytes(b"\xff\xfe\x00"),
    "manifest of another shape": lambda: manifest().write_text("[1, 2]"),
    "manifest without a description": lambda: manifest().write_text('{"sha256": "", "size": 1}'),
    "manifest writable by its group": lambda: manifest().chmod(0o620),
    "manifest of another owner": lambda: another_owner(manifest()),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_or_foreign_is_rebuilt(case: str) -> None:
    if case.endswith("another owner") and os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    assert elsewhere() == "42 described\n"
    good = library().read_bytes()
    BROKEN[case]()
    assert elsewhere() == "42 described\n"
    assert elsewhere() == "42 read\n"
    assert library().read_bytes() == good


def test_what_cannot_be_replaced_is_passed_over() -> None:
    cache.directory()
    library().mkdir()
    assert elsewhere() == "42 described\n"
    library().rmdir()
    assert elsewhere() == "42 described\n"


def test_a_library_the_linker_refuses_is_rebuilt() -> None:
    assert elsewhere() == "42 described\n"
    library().write_bytes(b"not a library")
    told = json.loads(manifest().read_text())
    told |= {"sha256": hashlib.sha256(b"not a library").hexdigest(), "size": len(b"not a library")}
    manifest().write_text(json.dumps(told))
    assert elsewhere() == "42 described\n"
    assert elsewhere() == "42 read\n"


@pytest.mark.parametrize("problem", ["group", "all", "owner", "file"])
def test_a_directory_open_to_others_is_never_used(problem: str) -> None:
    if problem == "owner" and os.geteuid() != 0:
        pytest.skip("only root can give a directory away")
    path = cache.configured()
    if problem == "file":
        path.write_text("")
    else:
        assert elsewhere() == "42 described\n"
        another_library()  # with a manifest that vouches for it
        told = json.loads(manifest().read_text())
        told |= {"sha256": hashlib.sha256(library().read_bytes()).hexdigest(), "size": library().stat().st_size}
        manifest().write_text(json.dumps(told))
        if problem == "owner":
            another_owner(path)
        else:
            path.chmod({"group": 0o770, "all": 0o707}[problem])
    seen: list[int | None] = []
    told_once = notices(lambda: seen.extend([load(), load(), load(source=ANSWER + "\n")]))
    assert seen == [42, 42, 42]
    assert len(told_once) == 1
    assert (f"chmod 700 {path}" in told_once[0]) == path.is_dir()
    assert "set NONLIN_CACHE" in told_once[0]
    used = cache.directory()
    assert used != path
    assert used.stat().st_mode & 0o777 == 0o700
    assert len(list(used.glob("*.so"))) == 2
    cache._remove(used, os.getpid() + 1)
    assert used.exists(), "a forked child must not remove its parent's"
    cache._remove(used, os.getpid())
    assert not used.exists()


@pytest.mark.parametrize("suffix", [".so", ".json"])
def test_a_full_disk_falls_back(monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    cache.directory()
    write = private.write

    def full(path: Path, data: bytes) -> None:
        if path.suffix == suffix and path.parent == cache.configured():
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, data)

    monkeypatch.setattr(private, "write", full)
    seen: list[int | None] = []
    told = notices(lambda: seen.extend([load(), load(), load(source=ANSWER + "\n")]))
    assert seen == [42, 42, 42]
    assert len(told) == 1
    assert "No space left" in told[0]
    assert "NONLIN_CACHE" in told[0]


def test_a_write_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        private.write(tmp_path / "x.so", b"data")
    assert not list(tmp_path.iterdir())


def test_nowhere_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(private, "write", full)
    told = notices(lambda: [load(), load()])
    assert load() is None
    assert any("kept nowhere" in text for text in told)
    assert len(told) == len(set(told)) == 2
