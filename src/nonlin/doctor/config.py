"""``[tool.nonlin.doctor]`` of a pyproject.toml: what is diagnosed where the command line names nothing."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nonlin.errors import ArgumentError, suggestion

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LEVELS: Final = ("error", "warning", "note", "never")  # of --fail-on
_LISTS: Final = ("targets", "input", "ignore")  # of texts; one text alone stands for a list of one
_TEXTS: Final = ("target", "loss", "baseline", "fail-on")


@dataclass(frozen=True)
class Config:
    """The table, checked; empty where there is none."""

    file: Path | None = None
    targets: tuple[str, ...] = ()
    input: tuple[str, ...] = ()
    target: str | None = None
    loss: str | None = None
    ignore: tuple[str, ...] = ()
    baseline: Path | None = None
    fail_on: str | None = None

    @property
    def folder(self) -> Path:
        """Where its targets lie: the folder of the file."""
        return self.file.parent if self.file is not None else Path.cwd()


def nearest(folder: Path) -> Config:
    """The table in the nearest ``pyproject.toml``, from ``folder`` upward to the root of the file system.

    Args:
        folder: where to begin.

    Returns:
        A :class:`Config`; empty where there is no such file, or no such table in it.

    Raises:
        ArgumentError: for a file that is no TOML, and for keys and values that the table does not take.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as project:
        ...     _ = (Path(project) / "pyproject.toml").write_text('[tool.nonlin.doctor]\\nloss = "mse"\\ntargets = "train.py:build"')
        ...     found = nearest(Path(project))
        >>> found.loss, found.targets
        ('mse', ('train.py:build',))
    """
    for parent in (folder.resolve(), *folder.resolve().parents):
        if (file := parent / "pyproject.toml").is_file():
            return _read(file)
    return Config()


def _read(file: Path) -> Config:
    try:
        table: Any = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ArgumentError(
            f"cannot read {file}: {error}; repair it, or run nonlin doctor outside its folder"
        ) from None
    for key in ("tool", "nonlin", "doctor"):
        table = table.get(key, {}) if isinstance(table, dict) else {}
    values = {key: _value(file, key, value) for key, value in _table(file, table).items()}
    if "baseline" in values:
        values["baseline"] = file.parent / values["baseline"]
    return Config(file, **{key.replace("-", "_"): value for key, value in values.items()})


def _table(file: Path, table: Any) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise ArgumentError(f"tool.nonlin.doctor in {file} is {table!r}; expected a table, [tool.nonlin.doctor]")
    return table


def _value(file: Path, key: str, value: Any) -> Any:
    known = (*_LISTS, *_TEXTS)
    place = f"[tool.nonlin.doctor] in {file}"
    if key not in known:
        raise ArgumentError(f"{place} has no key {key!r}{suggestion(key, known)}; the keys are {', '.join(known)}")
    if key in _LISTS:
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise ArgumentError(
                f"{key} = {value!r} of {place}: expected a list of texts, such as {key} = [{_EXAMPLES[key]}]"
            )
        return tuple(texts)
    if not isinstance(value, str):
        raise ArgumentError(f"{key} = {value!r} of {place}: expected a text, such as {key} = {_EXAMPLES[key]}")
    if key == "fail-on" and value not in LEVELS:
        raise ArgumentError(
            f"fail-on = {value!r} of {place}: expected one of {', '.join(LEVELS)}{suggestion(value, LEVELS)}"
        )
    return value


_EXAMPLES: Final = {
    "targets": '"train.py:build"', "input": '"32,784"', "ignore": '"S03", "S01:encoder.*"', "target": '"int:10:32"', "loss": '"cross_entropy"',
    "baseline": '"doctor.json"', "fail-on": '"error"',
}  # fmt: skip
