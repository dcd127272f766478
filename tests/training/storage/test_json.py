"""JSON files with figures: NaN in memory is null in the file."""

import json
from math import inf, isnan, nan
from pathlib import Path

import pytest

from training.storage.json import read_json, write_json


def test_nan_is_null_in_the_file_and_nan_again(tmp_path: Path) -> None:
    write_json(tmp_path / "figures.json", {"known": 1.5, "rows": [{"unknown": nan}, (nan, "text")]})
    assert json.loads((tmp_path / "figures.json").read_text()) == {
        "known": 1.5,
        "rows": [{"unknown": None}, [None, "text"]],
    }
    figures = read_json(tmp_path / "figures.json")
    assert isnan(figures["rows"][0]["unknown"])
    assert figures["known"] == 1.5


def test_infinity_needs_permission(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "figures.json", {"never": inf})
    write_json(tmp_path / "figures.json", {"never": inf}, allow_infinity=True)
    assert read_json(tmp_path / "figures.json") == {"never": inf}
