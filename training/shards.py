"""Composed scenes as features on disk: made once on all cores, then read by every epoch and every experiment.

A shard is an ``.npz`` of 64 scenes: ``frames`` float16 [64, 1024, 64], ``tracks`` float16 [64, 64, 3] (fraction of each
quarter second that is cry, whimper, attending) and ``tags`` float16 [64, 64, classes]. Shards that are there are not
made again, so an interrupted run goes on where it stopped.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

from edge import features
from edge.records import FloatArray
from training import acoustics, cast, distress, emphasis, layers, scenes, soothing
from training.bank import open_bank
from training.catalog import Clip, DataError, digest
from training.emphasis import Emphasis
from training.layers import Library
from training.scenes import SCENE_S, compose
from training.teachers import load_teachers

SCENES_PER_SHARD = 64
STEPS = round(SCENE_S * layers.STEPS_PER_SECOND)
_FRAMES_PER_STEP = features.FRAMES_PER_SECOND // layers.STEPS_PER_SECOND
_RECIPE = (acoustics, cast, distress, layers, scenes, soothing)


def make_shards(
    data: Path,
    clips: Sequence[Clip],
    split: str,
    count: int,
    seed: int,
    work: Path,
    jobs: int,
    emphases: Sequence[Emphasis] = (),
) -> list[Path]:
    """``count`` shards of scenes from one split's clips; the same arguments and recipe give the same scenes."""
    chosen = [clip for clip in clips if clip.split == split]
    open_bank(data, clips, work / "bank")  # decoded before the workers need it
    folder = work / "scenes" / f"{split}-{seed}-{_recipe_digest(chosen, emphases)[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:05d}.npz" for number in range(count)]
    missing = [number for number, path in enumerate(paths) if not path.exists()]
    batches = [missing[start::jobs] for start in range(jobs) if missing[start::jobs]]
    work_on = Parallel(n_jobs=jobs, return_as="generator_unordered")
    todo = (delayed(_make_batch)(data, clips, split, batch, seed, work, folder, emphases) for batch in _pieces(batches))
    with tqdm(total=len(missing), desc=f"compose {split} scenes", unit="shard") as progress:
        for made in work_on(todo):
            progress.update(made)
    return paths


def load_shard(path: Path) -> tuple[FloatArray, FloatArray, FloatArray]:
    """frames, tracks and tags of one shard, float32."""
    with np.load(path) as shard:
        return tuple(shard[name].astype(np.float32) for name in ("frames", "tracks", "tags"))


def _pieces(batches: list[list[int]]) -> list[list[int]]:
    """Batches cut small enough for a progress bar, large enough that opening the library does not show."""
    return [batch[start : start + 16] for batch in batches for start in range(0, len(batch), 16)]


def _recipe_digest(clips: Sequence[Clip], emphases: Sequence[Emphasis]) -> str:
    modules = (*_RECIPE, emphasis) if emphases else _RECIPE
    sources = [Path(str(module.__file__)).read_bytes() for module in modules]
    sources += [str(each).encode() for each in emphases]
    return hashlib.sha256(b"".join([digest(clips).encode(), features.FINGERPRINT.encode(), *sources])).hexdigest()


_libraries: dict[tuple[Path, str], Library] = {}


def open_library(data: Path, clips: Sequence[Clip], split: str, work: Path) -> Library:
    """A worker process opens each library once."""
    if (data, split) not in _libraries:
        chosen = [clip for clip in clips if clip.split == split]
        library = Library(chosen, open_bank(data, clips, work / "bank"), load_teachers(data, chosen))
        _refuse_incomplete(library, split)
        _libraries[data, split] = library
    return _libraries[data, split]


def _refuse_incomplete(library: Library, split: str) -> None:
    """DataError where no scene of an infant can be composed."""
    needed = {
        "that cries": library.criers,
        "that cries steadily": library.steady_criers,
        "that only fusses": library.fussers,
    }
    missing = [what for what, infants in needed.items() if not infants]
    if missing:
        raise DataError(f"the {split} split has no infant {' and none '.join(missing)}: add clips, or split anew")


def _make_batch(
    data: Path,
    clips: Sequence[Clip],
    split: str,
    numbers: Sequence[int],
    seed: int,
    work: Path,
    folder: Path,
    emphases: Sequence[Emphasis],
) -> int:
    library = open_library(data, clips, split, work)
    for number in numbers:
        rng = np.random.default_rng([seed, number])
        made = [compose(library, rng, emphases) for _ in range(SCENES_PER_SHARD)]
        partial = folder / f"{number:05d}.partial.npz"
        np.savez(
            partial,
            frames=np.stack([features.log_mel(scene.audio) for scene in made]).astype(np.float16),
            tracks=np.stack([scene.tracks.reshape(STEPS, _FRAMES_PER_STEP, 3).mean(axis=1) for scene in made]).astype(
                np.float16
            ),
            tags=np.stack([scene.tags for scene in made]).astype(np.float16),
        )
        partial.replace(folder / f"{number:05d}.npz")
    return len(numbers)
