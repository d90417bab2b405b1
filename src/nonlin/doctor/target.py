"""What ``train.py:build`` and ``package.module:Model`` name: imported, called, and made arguments of a diagnosis."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import os
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from torch import nn

from nonlin.doctor import sites
from nonlin.doctor.sites import Site
from nonlin.errors import NonlinError, suggestion

ORDER: Final = ("model", "batch", "target", "loss", "optimizer")  # of a tuple
KEYS: Final = (*ORDER, "ignore")  # of a dict
_INSTALLED: Final = tuple({sysconfig.get_paths()[k] + os.sep for k in ("stdlib", "platstdlib", "purelib", "platlib")})


class TargetError(NonlinError, ValueError):
    """A target that names nothing to diagnose, or whose code raises; the message says where."""


@dataclass(frozen=True)
class Target:
    """A target that was made: the arguments of :func:`nonlin.diagnose` that it gives, and where it is written."""

    text: str
    arguments: dict[str, Any]
    site: Site | None


@contextmanager
def opened(text: str, folder: Path) -> Iterator[Target]:
    """Import what ``text`` names and make its model. While the context lasts its own folder is on ``sys.path``; afterwards what was
    imported from there is forgotten, so that the next target may have modules of the same names.

    Args:
        text: ``file.py:name`` or ``package.module:name``. The name is of a function that takes nothing, or of what it may return: a
            model, a tuple ``(model, batch[, target[, loss[, optimizer]]])``, a dict of :func:`nonlin.diagnose`'s arguments; or of a
            class of modules that takes nothing.
        folder: what file names are relative to, and where modules are looked for first.

    Raises:
        TargetError: where there is no such file, module or name, where it is nothing to diagnose, and where its code raises.

    Example:
        >>> with opened("torch.nn:Identity", Path()) as target:
        ...     print(target.arguments)
        {'model': Identity()}
    """
    where, _, name = text.rpartition(":")
    if not where or not name or os.sep in name:
        raise TargetError(
            f"{text!r} is no target; expected file.py:name or package.module:name, such as {_example(text, folder)}"
        )
    path, argv, modules = list(sys.path), sys.argv, set(sys.modules)
    folders = {folder.resolve()}
    sys.argv = [where]  # a script that reads its arguments while it is imported reads none of ours
    try:
        if where.endswith(".py") or os.sep in where or (folder / where).is_file():
            module = _of_file(where, folder, folders)
        else:
            sys.path.insert(0, str(folder.resolve()))
            module = _of_name(where)
        found = _named(module, name, where)
        yield Target(text, _arguments(text, found), _site(found, module, name))
    finally:
        sys.path[:], sys.argv = path, argv
        _forget(modules, folders)


def _example(text: str, folder: Path) -> str:
    """``train.py:build`` with a name that the file does have, read without running it."""
    file = text.rstrip(":")
    try:
        body = ast.parse((folder / file).read_text(encoding="utf-8")).body
    except (OSError, ValueError, SyntaxError):
        return "train.py:build"
    names = [part.name for part in body if isinstance(part, (ast.FunctionDef, ast.ClassDef))]
    return f"{file}:{names[-1]}" if names else f"{file}:build"


def _of_file(where: str, folder: Path, folders: set[Path]) -> ModuleType:
    """A file imported by its path; as a module of its package where it lies in one, so that relative imports work."""
    path = (folder / where).resolve()
    if path.suffix != ".py" or not path.is_file():
        near = [p.name for p in path.parent.glob("*.py")] if path.parent.is_dir() else []
        raise TargetError(
            f"there is no Python file {where}{suggestion(path.name, near)}; file names are relative to {folder.resolve()}"
        )
    root, parts = path.parent, [path.stem]
    while (root / "__init__.py").is_file():
        parts.insert(0, root.name)
        root = root.parent
    folders |= {path.parent, root}
    sys.path[:0] = dict.fromkeys((str(path.parent), str(root)))
    if len(parts) > 1 and parts[0] not in sys.modules:
        return _of_user(where, lambda: importlib.import_module(".".join(parts)))  # type: ignore[no-any-return]
    taken = path.stem in sys.modules or path.stem in sys.stdlib_module_names
    spec = importlib.util.spec_from_file_location(f"target_{path.stem}" if taken else path.stem, path)
    assert spec is not None  # it ends in .py
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickle look modules up by name
    _of_user(where, lambda: spec.loader.exec_module(module))  # type: ignore[union-attr]
    return module


def _of_name(where: str) -> ModuleType:
    def load() -> ModuleType:
        try:
            return importlib.import_module(where)
        except ModuleNotFoundError as error:
            if error.name is not None and f"{where}.".startswith(f"{error.name}."):  # not one that the module asks for
                raise TargetError(
                    f"there is no module {error.name!r}; a file is named with its ending, such as train.py:build"
                ) from None
            raise

    return _of_user(where, load)  # type: ignore[no-any-return]


def _named(module: ModuleType, name: str, where: str) -> Any:
    if hasattr(module, name):
        return getattr(module, name)
    own = [
        key for key, value in vars(module).items()
        if not key.startswith("_") and (isinstance(value, (nn.Module, tuple, dict)) or getattr(value, "__module__", None) == module.__name__)
    ]  # fmt: skip
    has = f"; it has {', '.join(own[:8])}" if own else ""
    raise TargetError(f"{where} has no {name!r}{suggestion(name, own)}{has}")


def _arguments(text: str, found: Any) -> dict[str, Any]:
    """What a target gives to a diagnosis: itself, or what it returns."""
    subject = f"{text} is"
    if callable(found) and not isinstance(found, nn.Module):
        _takes_nothing(text, found)
        found, subject = _of_user(text, found), f"{text} returned"
    if isinstance(found, nn.Module):
        return {"model": found}
    arguments = {}
    if isinstance(found, Mapping):
        for key in found:
            if key not in KEYS:
                raise TargetError(
                    f"{subject} a dict with {key!r}{suggestion(str(key), KEYS)}; it may hold {', '.join(KEYS)}"
                )
        arguments = dict(found)
    elif isinstance(found, (tuple, list)) and len(found) <= len(ORDER):
        arguments = dict(zip(ORDER, found, strict=False))
    if not isinstance(arguments.get("model"), nn.Module):
        got = "None" if found is None else f"a {type(found).__name__}"
        got += f" whose model is a {type(arguments['model']).__name__}" if "model" in arguments else ""
        got += f" of {len(found)}" if isinstance(found, (tuple, list)) and not arguments else ""
        raise TargetError(
            f"{subject} {got}; expected a torch.nn.Module, a tuple (model, batch, target, loss, optimizer) or its "
            "beginning, or a dict of nonlin.diagnose's arguments"
        )
    return arguments


def _takes_nothing(text: str, found: Callable[..., Any]) -> None:
    try:
        signature = inspect.signature(found)
    except (TypeError, ValueError):  # a builtin, which says so itself when it is called
        return
    try:
        signature.bind()
    except TypeError as error:
        raise TargetError(
            f"{text} is called without arguments: {error}; name a function that takes none and returns the model"
        ) from None


def _of_user(doing: str, call: Callable[[], Any]) -> Any:
    """Run the user's code; what it raises becomes one line that names its place."""
    try:
        return call()
    except TargetError:
        raise
    except SystemExit as error:
        raise TargetError(
            f"{doing} left by sys.exit({error.code!r}){at(error)}: put what starts a run under `if __name__ == '__main__':`"
        ) from error
    except Exception as error:
        raise TargetError(f"{doing} raised {type(error).__name__}{at(error)}: {error}") from error


def at(error: BaseException) -> str:
    """`` at train.py:12``: the innermost line of the user's own that an error came through; empty where it came through none."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return f" at {Site(error.filename, error.lineno, '')}"
    seen, trace = [], error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith(("<", *sites._LIBRARIES)):
            seen.append(Site(file, trace.tb_lineno, trace.tb_frame.f_code.co_name))
        trace = trace.tb_next
    own = [site for site in seen if not site.file.startswith(_INSTALLED)] or seen  # the user's own may be installed too
    return f" at {own[-1]}" if own else ""


def _site(found: Any, module: ModuleType, name: str) -> Site | None:
    """Where a target is written: of a function and a class its first line, of anything else the line that last gives it its name."""
    function = inspect.unwrap(found) if callable(found) else found
    if inspect.isfunction(function):
        return Site(function.__code__.co_filename, function.__code__.co_firstlineno, function.__qualname__)
    try:
        if inspect.isclass(found):
            file = inspect.getsourcefile(found)
            return Site(file, inspect.getsourcelines(found)[1], found.__qualname__) if file else None
        lines = [
            node.lineno for node in ast.walk(ast.parse(inspect.getsource(module)))
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
        ]  # fmt: skip
    except (OSError, TypeError, SyntaxError):  # no source at hand
        return None
    return Site(str(module.__file__), lines[-1] if lines else 1, name)


def _forget(before: set[str], folders: set[Path]) -> None:
    """Drop the modules that came in through ``folders``, and no other: what they imported from elsewhere stays."""
    old = {name.partition(".")[0] for name in before}
    for top in {name.partition(".")[0] for name in sys.modules} - old:
        module = sys.modules.get(top)
        file, paths = getattr(module, "__file__", None), list(getattr(module, "__path__", None) or ())
        if {Path(origin).parent for origin in (paths or [file]) if origin} & folders:
            for name in [n for n in sys.modules if n.partition(".")[0] == top]:
                del sys.modules[name]
