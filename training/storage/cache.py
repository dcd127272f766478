"""Results that are kept on disk: an existing one is reused, a missing one is made and written atomically.

A result's path names all that it depends on, usually through :func:`digest`. So an interrupted command continues where
it stopped, and a changed input gives another path.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from joblib import Parallel, delayed
from tqdm import tqdm

_Item = TypeVar("_Item")


def digest(*inputs: object, code: Iterable[ModuleType] = ()) -> str:
    """SHA-256 (first 16 hex digits) over the ``repr`` of the inputs and the sources of the code that makes a result."""
    return hashlib.sha256(repr(inputs).encode() + source_bytes(code)).hexdigest()[:16]


def source_bytes(modules: Iterable[ModuleType]) -> bytes:
    """Return the source files of the modules, one after another."""
    return b"".join(Path(str(module.__file__)).read_bytes() for module in modules)


def make_missing(
    items: Sequence[_Item],
    paths: Callable[[_Item], Iterable[Path]],
    make: Callable[[Sequence[_Item]], None],
    *,
    jobs: int,
    label: str,
    unit: str,
    amount: Callable[[_Item], float] | None = None,
    batch: int = 1,
) -> None:
    """Make every item that lacks one of its files, in ``jobs`` processes or on the cluster.

    ``paths`` returns the files of an item. ``make`` receives up to ``batch`` items, writes all their files atomically,
    and must be picklable. The progress bar ``label`` advances by ``amount(item)``, in ``unit``; the default is 1.
    """
    size = amount or _one
    missing = [item for item in items if not all(path.exists() for path in paths(item))]
    total, left = sum(map(size, items)), sum(map(size, missing))
    running = Parallel(n_jobs=jobs, return_as="generator_unordered")(
        delayed(_make)(make, mine, sum(map(size, mine))) for mine in _batches(missing, jobs, batch)
    )
    with tqdm(total=total, initial=total - left, desc=label, unit=unit) as progress:
        for done in running:
            progress.update(done)


def make_once(path: Path, make: Callable[[], None]) -> Path:
    """Return the path; where there is no such file, ``make`` writes it first, as its last file."""
    if not path.exists():
        make()
    return path


def _one(_: object) -> float:
    return 1


def _make(make: Callable[[Sequence[_Item]], None], items: Sequence[_Item], amount: float) -> float:
    make(items)
    return amount


def _batches(missing: Sequence[_Item], jobs: int, most: int) -> list[Sequence[_Item]]:
    """Share the items among the processes, each share in pieces of at most ``most``."""
    shares = [missing[start::jobs] for start in range(jobs)]
    return [share[start : start + most] for share in shares for start in range(0, len(share), most)]
