"""The check of a label store: its rows against the names and sizes of its files, or also against their content."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from joblib import Parallel, delayed
from tqdm import tqdm

from edge.errors import AudioError
from training.data.audio_files import inspect
from training.labels.records import LabelError, StoredClip
from training.labels.store import CLIPS, LabelStore


def problems(store: LabelStore, *, deep: bool = False, jobs: int = 1) -> Iterator[str]:
    """Yield each problem as a line.

    The quick check covers the guideline digest of every label row, each clip's file and its size, and files without a
    row. The deep check adds the database's integrity, and each file's digest and complete decoding.
    """
    if deep:
        yield from store.damage()
    try:
        store.labels()
    except LabelError as error:
        yield str(error)
    clips = store.clips()
    present = [clip for clip in clips.values() if store.path(clip).is_file()]
    for clip in clips.values():
        path = store.path(clip)
        if not path.is_file():
            yield f"{path} is missing: import it again"
        elif path.stat().st_size != clip.size:
            yield f"{path} has {path.stat().st_size} bytes, but its row has {clip.size}: delete it and import it again"
    expected = {store.path(clip) for clip in clips.values()}
    for path in sorted((store.folder / CLIPS).rglob("*")):
        if path.is_file() and path not in expected:
            yield f"{path} belongs to no clip; an import may have been interrupted: delete it, or import it again"
    if deep:
        yield from _check_content(store, present, jobs)


def _check_content(store: LabelStore, clips: Sequence[StoredClip], jobs: int) -> Iterator[str]:
    shown = tqdm(clips, desc="reading audio", unit="clip", disable=None)
    yield from filter(None, Parallel(n_jobs=jobs)(delayed(_find_difference)(store.path(clip), clip) for clip in shown))


def _find_difference(path: Path, clip: StoredClip) -> str:
    """Return the file's problem, or an empty text."""
    try:
        content = inspect(path)
    except AudioError as error:
        return f"{error}: delete it and import it again"
    if content.digest != clip.clip:
        return f"{path} has other content than its name, a SHA-256: delete it and import it again"
    if content.duration_s != clip.duration_s:
        return (
            f"{path} lasts {content.duration_s} s, but its row has {clip.duration_s} s: delete it and import it again"
        )
    return ""
