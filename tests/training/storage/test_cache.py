"""The cache makes missing results only, and names them by their inputs."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from training.storage import atomic, json, paths
from training.storage.atomic import write_whole
from training.storage.cache import digest, make_missing, make_once


def _paths(folder: Path, number: int) -> list[Path]:
    return [folder / f"{number}.a", folder / f"{number}.b"]


def _make(folder: Path, numbers: Sequence[int]) -> None:
    for number in numbers:
        for path in _paths(folder, number):
            write_whole(path, f"made with {numbers}")


def _complete(folder: Path, count: int, *, batch: int = 1) -> None:
    make, files = partial(_make, folder), partial(_paths, folder)
    make_missing(range(count), files, make, jobs=1, label="test", unit="file", batch=batch)


def test_existing_results_are_not_made_again(tmp_path: Path) -> None:
    write_whole(tmp_path / "0.a", "kept")
    write_whole(tmp_path / "0.b", "kept")
    write_whole(tmp_path / "1.a", "half of a result")
    _complete(tmp_path, 3)
    assert (tmp_path / "0.a").read_text() == "kept"
    assert (tmp_path / "1.a").read_text() == "made with [1]"
    assert (tmp_path / "2.b").read_text() == "made with [2]"


def test_items_are_made_in_batches(tmp_path: Path) -> None:
    _complete(tmp_path, 5, batch=2)
    assert [(tmp_path / f"{number}.a").read_text() for number in (0, 2, 4)] == [
        "made with [0, 1]",
        "made with [2, 3]",
        "made with [4]",
    ]


def test_one_result_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("kept")
    assert make_once(path, partial(write_whole, path, "made")).read_text() == "kept"
    path.unlink()
    assert make_once(path, partial(write_whole, path, "made")).read_text() == "made"


def test_a_digest_depends_on_inputs_and_code() -> None:
    assert digest(1, "a") == digest(1, "a")
    others = {digest(1, "a"), digest(1, "b"), digest(1, "a", code=[atomic]), digest(1, "a", code=[atomic, json])}
    assert len(others) == 4
    assert digest(code=[json, paths]) != digest(code=[paths, json])
