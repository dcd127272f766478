"""Feature shards: training scenes as features on disk, composed once and read by every epoch and experiment.

A shard is an ``.npz`` of 64 scenes: ``frames`` float16 [64, 1024, 64], ``tracks`` float16 [64, 64, 3] (fraction of each
quarter second that is cry, whimper, attending) and ``tags`` float16 [64, 64, classes]. Existing shards are not composed
again, so an interrupted run continues where it stopped.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

import label_schema
from edge.detection import features
from edge.records import FloatArray
from training.data import checksums
from training.data.audio_cache import open_audio_cache
from training.data.manifest import Clip, clips_digest
from training.data.tagger_scores import load_tagger_scores
from training.storage.paths import DataError
from training.synthesis import labeled_clips, mixture, recipes
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.labeled_clips import apply_labels
from training.synthesis.mixture import Track
from training.synthesis.oversampling import Oversampling
from training.synthesis.recipes import recipe_digest
from training.synthesis.scenes import SCENE_S, compose_scene
from training.synthesis.sources import QUIET_BEDS

SCENES_PER_SHARD = 64
STEPS = round(SCENE_S * mixture.STEPS_PER_SECOND)
_FRAMES_PER_STEP = features.FRAMES_PER_SECOND // mixture.STEPS_PER_SECOND


def make_shards(
    data: Path,
    clips: Sequence[Clip],
    split: str,
    count: int,
    seed: int,
    work: Path,
    jobs: int,
    emphases: Sequence[Oversampling] = (),
) -> list[Path]:
    """Compose ``count`` shards from one split's clips; the same arguments and recipe give the same scenes."""
    made_of = _made_of(data, clips, split, work, emphases)
    make = delayed(_make_batch)
    folder = work / "scenes" / f"{split}-{seed}-{made_of}"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:05d}.npz" for number in range(count)]
    batches = _batches(paths, jobs)
    _run((make(data, clips, split, batch, seed, work, folder, emphases) for batch in batches), batches, split, jobs)
    return paths


def make_examples(
    data: Path, clips: Sequence[Clip], split: str, each: int, seed: int, work: Path, jobs: int
) -> list[Path]:
    """Compose shards of the labeled clips, ``each`` scenes of each clip; return [] where no clip is labeled."""
    chosen = labeled_clips.examples(clips, split, each)
    if not chosen:
        return []
    folder = work / "scenes" / f"labeled-{split}-{each}-{seed}-{_made_of(data, clips, split, work, ())}"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:05d}.npz" for number in range(-(-len(chosen) // SCENES_PER_SHARD))]
    batches = _batches(paths, jobs)
    make = delayed(_make_examples)
    _run((make(data, clips, split, batch, each, seed, work, folder) for batch in batches), batches, "labeled", jobs)
    return paths


def _made_of(data: Path, clips: Sequence[Clip], split: str, work: Path, emphases: Sequence[Oversampling]) -> str:
    """Return the digest of the inputs of a split's scenes, and make sure that the audio cache exists."""
    contents = checksums.compute(data, clips, work)
    open_audio_cache(
        data, clips, work / "bank", checksums.digest(clips, contents)
    )  # decoded before the workers need it
    chosen = [clip for clip in clips if clip.split == split]
    return _recipe_digest(chosen, checksums.digest(chosen, contents), emphases)[:12]


def _batches(paths: Sequence[Path], jobs: int) -> list[list[int]]:
    """Split the numbers of the missing shards into batches of at most 16.

    They are small enough for a progress bar, and large enough to hide the time that a library takes to open.
    """
    missing = [number for number, path in enumerate(paths) if not path.exists()]
    shared = [missing[start::jobs] for start in range(jobs)]
    return [mine[start : start + 16] for mine in shared for start in range(0, len(mine), 16)]


def _run(todo: Iterable[object], batches: Sequence[Sequence[int]], what: str, jobs: int) -> None:
    with tqdm(total=sum(map(len, batches)), desc=f"compose {what} scenes", unit="shard") as progress:
        for made in Parallel(n_jobs=jobs, return_as="generator_unordered")(todo):
            progress.update(made)


def load_shard(path: Path) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Load frames, tracks and tags of one shard, float32."""
    with np.load(path) as shard:
        return tuple(shard[name].astype(np.float32) for name in ("frames", "tracks", "tags"))


def _recipe_digest(clips: Sequence[Clip], contents: str, emphases: Sequence[Oversampling]) -> str:
    recipe = recipe_digest(recipes.OVERSAMPLED_SCENES if emphases else recipes.SCENES, label_schema.load())
    inputs = (clips_digest(clips), contents, features.FINGERPRINT, *map(str, emphases))
    return hashlib.sha256(b"".join([*(each.encode() for each in inputs), recipe])).hexdigest()


def open_library(data: Path, clips: Sequence[Clip], split: str, work: Path) -> ClipLibrary:
    """Open the clip library of a split, sorted by the clips' annotations; DataError where a pool is empty.

    A process opens each library once.
    """
    return _open_library(data, tuple(clips), split, work)


@cache  # a worker process composes many batches from one library, and opening it finds the distress of every infant
def _open_library(data: Path, clips: tuple[Clip, ...], split: str, work: Path) -> ClipLibrary:
    chosen = [clip for clip in clips if clip.split == split]
    audio, scores = open_audio_cache(data, clips, work / "bank"), load_tagger_scores(data, chosen)
    library = apply_labels(ClipLibrary.of_clips(chosen, audio, scores, label_schema.load()), chosen)
    _require_pools(library, split)
    return library


def _require_pools(library: ClipLibrary, split: str) -> None:
    """Raise DataError where a part of the scenes has no clip, or no clip that people did not label otherwise."""
    rooms = [clip for kind in QUIET_BEDS for clip in library.without_speech(kind)]
    needed: dict[str, Collection[object]] = {
        "infant that cries": library.criers,
        "infant that cries steadily": library.steady_criers,
        "infant that only fusses": library.fussers,
        "room without a voice (ambience)": rooms,
        "adult's speech (adult_speech)": library.of_kind("adult_speech"),
        "music": library.of_kind("music"),
    }
    missing = [name for name, clips in needed.items() if not clips]
    if missing:
        raise DataError(f"the {split} split has no {', no '.join(missing)}: add clips, or split again")


def _make_batch(
    data: Path,
    clips: Sequence[Clip],
    split: str,
    numbers: Sequence[int],
    seed: int,
    work: Path,
    folder: Path,
    emphases: Sequence[Oversampling],
) -> int:
    library = open_library(data, clips, split, work)
    for number in numbers:
        rng = np.random.default_rng([seed, number])
        _keep(folder / f"{number:05d}.npz", [compose_scene(library, rng, emphases) for _ in range(SCENES_PER_SHARD)])
    return len(numbers)


def _make_examples(
    data: Path,
    clips: Sequence[Clip],
    split: str,
    numbers: Sequence[int],
    each: int,
    seed: int,
    work: Path,
    folder: Path,
) -> int:
    library = open_library(data, clips, split, work)
    chosen = labeled_clips.examples(clips, split, each)
    for number in numbers:
        rng = np.random.default_rng([seed, number, 1])
        mine = chosen[number * SCENES_PER_SHARD : (number + 1) * SCENES_PER_SHARD]
        _keep(folder / f"{number:05d}.npz", [labeled_clips.compose_example(library, clip, rng) for clip in mine])
    return len(numbers)


def _keep(path: Path, made: Sequence[Track]) -> None:
    partial = path.with_suffix(".partial.npz")
    np.savez(
        partial,
        frames=np.stack([features.log_mel(scene.audio) for scene in made]).astype(np.float16),
        tracks=np.stack([scene.tracks.reshape(STEPS, _FRAMES_PER_STEP, 3).mean(axis=1) for scene in made]).astype(
            np.float16
        ),
        tags=np.stack([scene.tags for scene in made]).astype(np.float16),
    )
    partial.replace(path)
