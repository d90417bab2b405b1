"""nonlin's monitor in trainers and loggers of others; none of them is imported before it is used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from nonlin.errors import MissingExtraError


def needed(package: str, by: str, pip: str | None = None) -> Any:
    """A module that an integration needs.

    Args:
        package: its name.
        by: the integration.
        pip: what pip calls it, where that differs.

    Raises:
        MissingExtraError: where it is not installed; the message names the pip command.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{package}.".startswith(f"{error.name}."):
            raise  # something that it needs itself
        raise MissingExtraError(
            f"{by} needs {package}, which is not installed; install it with: pip install {pip or package}",
            name=error.name,
        ) from None
