"""Atomic writes: a file has its old content or its new one, and no unfinished file stays."""

from pathlib import Path

import numpy as np
import pytest

from edge.errors import StorageError
from training.storage.atomic import replacing, write_array, write_arrays, write_whole


def test_content_replaces_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    write_whole(path, "old")
    write_whole(path, b"new")
    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("partial", [None, "file.part"])
def test_a_failed_write_keeps_the_old_content(tmp_path: Path, partial: str | None) -> None:
    path = tmp_path / "file"
    write_whole(path, "old")

    def fail() -> None:
        with replacing(path, tmp_path / partial if partial else None) as file:
            file.write(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_path_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=rf"{tmp_path / 'file' / 'inside'}: "):
        write_whole(tmp_path / "file" / "inside", "")


def test_arrays_come_back(tmp_path: Path) -> None:
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    write_array(tmp_path / "one.npy", values)
    np.testing.assert_array_equal(np.load(tmp_path / "one.npy"), values)
    write_arrays(tmp_path / "more.npz", {"a": values, "b": values + 1})
    with np.load(tmp_path / "more.npz") as stored:
        np.testing.assert_array_equal(stored["b"], values + 1)
