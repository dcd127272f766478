"""JSON files with figures. JSON has no NaN: an unknown figure is ``null`` in the file and NaN in memory."""

import json
from math import isnan, nan
from pathlib import Path
from typing import Any

from training.storage.atomic import write_whole


def write_json(path: Path, value: Any, *, allow_infinity: bool = False) -> None:
    """Replace a JSON file in one step; ValueError for an infinite figure unless it is allowed.

    An allowed one is written as ``Infinity``, which Python reads and strict JSON readers refuse.
    """
    write_whole(path, json.dumps(nan_as_null(value), indent=1, allow_nan=allow_infinity) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file, with NaN for every ``null``."""
    return null_as_nan(json.loads(path.read_text(encoding="utf-8")))


def nan_as_null(value: Any) -> Any:
    """Return the value with None for every NaN in its dictionaries and lists."""
    match value:
        case dict():
            return {name: nan_as_null(each) for name, each in value.items()}
        case list() | tuple():
            return [nan_as_null(each) for each in value]
        case float() if isnan(value):
            return None
    return value


def null_as_nan(value: Any) -> Any:
    """Return the value with NaN for every None in its dictionaries and lists."""
    match value:
        case dict():
            return {name: null_as_nan(each) for name, each in value.items()}
        case list():
            return [null_as_nan(each) for each in value]
        case None:
            return nan
    return value
