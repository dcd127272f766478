"""Expensive fixtures made once: for all workers of a run, or for all runs of the same sources."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from training.storage.atomic import write_whole
from training.storage.paths import REPOSITORY

CACHE = REPOSITORY / ".test_cache"
"""Kept between runs; git ignores it."""


def folder_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder of this run that the first worker fills with ``make`` while the others wait.

    Tests read it and never change it.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # each worker's folder lies in that of the run
        base = base.parent
    folder, done = base / name, base / f"{name}.done"
    with _locked(base / f"{name}.lock"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)  # a make that failed left a part
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def file_once(name: str, sources: Iterable[Path], versions: Iterable[str], make: Callable[[], bytes]) -> bytes:
    """Return the content that ``make`` gives, kept between runs while sources and versions stay the same."""
    key = hashlib.sha256("\n".join(versions).encode())
    for source in sorted(sources):
        key.update(f"{source}\n".encode() + source.read_bytes())
    stem, _, ending = name.partition(".")
    file = CACHE / f"{stem}-{key.hexdigest()[:16]}.{ending}"
    CACHE.mkdir(exist_ok=True)
    with _locked(CACHE / f"{name}.lock"):
        if not file.exists():
            for old in CACHE.glob(f"{stem}-*.{ending}"):
                old.unlink()
            write_whole(file, make())
        return file.read_bytes()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock among processes; one that dies lets it go."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
