"""Files that are replaced in one step: a reader sees the old content or the new one, also after kill -9."""

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from edge.errors import StorageError


@contextmanager
def replacing(path: Path, partial: Path | None = None) -> Iterator[BinaryIO]:
    """Yield a file to write; afterwards flush it to disk and rename it to ``path``. StorageError where that fails.

    The unfinished file has a random name, so that two processes may write the same path. A caller that is the only
    writer may name it with ``partial``: an interrupted write then leaves at most one such file.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = partial or _unfinished(path)
        try:
            with unfinished.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}") from error


def write_whole(path: Path, content: str | bytes) -> None:
    """Replace a file in one step."""
    with replacing(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Replace a CSV file in one step."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(columns)
    table.writerows(rows)
    write_whole(path, out.getvalue())


def write_array(path: Path, array: npt.NDArray[Any]) -> None:
    """Replace a ``.npy`` file in one step."""
    with replacing(path) as file:
        np.save(file, array)


def write_arrays(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Replace an ``.npz`` file in one step."""
    with replacing(path) as file:
        np.savez(file, allow_pickle=False, **arrays)


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to disk: without it, a power cut may lose the name of a file just renamed into it."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _unfinished(path: Path) -> Path:
    """Make an empty file beside ``path`` that others may read once it is renamed."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    Path(name).chmod(0o644)
    return Path(name)
