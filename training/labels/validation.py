"""Is the store what it says? A cheap look at names and sizes, or every byte read again."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from joblib import Parallel, delayed
from tqdm import tqdm

from edge.errors import AudioError
from training.data.audio_files import inspect
from training.labels.records import Clip, LabelError
from training.labels.store import CLIPS, LabelStore


def problems(store: LabelStore, *, deep: bool = False, jobs: int = 1) -> Iterator[str]:
    """Each problem as a line.

    Cheaply: every label row belongs to its guideline version, every clip's file is there with its size, and no file is
    there that no row names. Deeply: the database is whole, and every file has its digest and decodes to its end.
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
            yield f"{path} has {path.stat().st_size} bytes, its row says {clip.size}: delete it and import it again"
    expected = {store.path(clip) for clip in clips.values()}
    for path in sorted((store.folder / CLIPS).rglob("*")):
        if path.is_file() and path not in expected:
            yield f"{path} belongs to no clip, such as after an interrupted import: delete it, or import it again"
    if deep:
        yield from _heard(store, present, jobs)


def _heard(store: LabelStore, clips: Sequence[Clip], jobs: int) -> Iterator[str]:
    shown = tqdm(clips, desc="reading audio", unit="clip", disable=None)
    yield from filter(None, Parallel(n_jobs=jobs)(delayed(_differs)(store.path(clip), clip) for clip in shown))


def _differs(path: Path, clip: Clip) -> str:
    """What is wrong with the file; empty when nothing is."""
    try:
        heard = inspect(path)
    except AudioError as error:
        return f"{error}: delete it and import it again"
    if heard.digest != clip.clip:
        return f"{path} holds other bytes than its name says: delete it and import it again"
    if heard.duration_s != clip.duration_s:
        return f"{path} lasts {heard.duration_s} s, its row says {clip.duration_s} s"
    return ""
