"""Training scenes as features on disk: made once on all cores, then read by every epoch and every experiment.

A shard is an ``.npz`` of 64 scenes: ``frames`` float16 [64, 1024, 64], ``tracks`` float16 [64, 64, 3] (fraction of each
quarter second that is cry, whimper, attending) and ``tags`` float16 [64, 64, classes]. Shards that are there are not
made again, so an interrupted run goes on where it stopped.
"""

import hashlib
from collections.abc import Iterable, Sequence
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
from training.labels import weak_labels
from training.storage.paths import DataError
from training.synthesis import (
    distributions,
    labeled_clips,
    mixture,
    oversampling,
    room_acoustics,
    scenes,
    soothing_sounds,
    targets,
    tonal_distractors,
)
from training.synthesis import sources as cast
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.mixture import Track
from training.synthesis.oversampling import Oversampling
from training.synthesis.scenes import SCENE_S, compose_scene

SCENES_PER_SHARD = 64
STEPS = round(SCENE_S * mixture.STEPS_PER_SECOND)
_FRAMES_PER_STEP = features.FRAMES_PER_SECOND // mixture.STEPS_PER_SECOND
RECIPE = (room_acoustics, cast, weak_labels, tonal_distractors, mixture, distributions, scenes, soothing_sounds)
"""The code that scenes are made by."""


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
    """``count`` shards of scenes from one split's clips; the same arguments and recipe give the same scenes."""
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
    """Shards of the clips that people labeled, so many scenes of each; none where nobody did."""
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
    """Digest of all that scenes of a split are made from; the bank is there afterwards."""
    contents = checksums.compute(data, clips, work)
    open_audio_cache(
        data, clips, work / "bank", checksums.digest(clips, contents)
    )  # decoded before the workers need it
    chosen = [clip for clip in clips if clip.split == split]
    return _recipe_digest(chosen, checksums.digest(chosen, contents), emphases)[:12]


def _batches(paths: Sequence[Path], jobs: int) -> list[list[int]]:
    """Numbers of the missing shards, cut small enough for a progress bar, large enough that opening the library does
    not show.
    """
    missing = [number for number, path in enumerate(paths) if not path.exists()]
    shared = [missing[start::jobs] for start in range(jobs)]
    return [mine[start : start + 16] for mine in shared for start in range(0, len(mine), 16)]


def _run(todo: Iterable[object], batches: Sequence[Sequence[int]], what: str, jobs: int) -> None:
    with tqdm(total=sum(map(len, batches)), desc=f"compose {what} scenes", unit="shard") as progress:
        for made in Parallel(n_jobs=jobs, return_as="generator_unordered")(todo):
            progress.update(made)


def load_shard(path: Path) -> tuple[FloatArray, FloatArray, FloatArray]:
    """frames, tracks and tags of one shard, float32."""
    with np.load(path) as shard:
        return tuple(shard[name].astype(np.float32) for name in ("frames", "tracks", "tags"))


def _recipe_digest(clips: Sequence[Clip], contents: str, emphases: Sequence[Oversampling]) -> str:
    modules = [*RECIPE, *([oversampling] if emphases else [])]
    said = any(clip.annotations is not None for clip in clips)
    if said:
        modules += [labeled_clips, targets]
    sources = [Path(str(module.__file__)).read_bytes() for module in modules]
    sources += [str(each).encode() for each in emphases]
    sources += [repr(label_schema.load().thresholds).encode()] if said else []
    names = (clips_digest(clips), contents, features.FINGERPRINT)
    return hashlib.sha256(b"".join([*(name.encode() for name in names), *sources])).hexdigest()


_libraries: dict[tuple[Path, str, str], ClipLibrary] = {}


def open_library(data: Path, clips: Sequence[Clip], split: str, work: Path) -> ClipLibrary:
    """A worker process opens each library once. What people say of the clips is heeded."""
    chosen = [clip for clip in clips if clip.split == split]
    key = (data, split, clips_digest(chosen))
    if key not in _libraries:
        library = ClipLibrary(chosen, open_audio_cache(data, clips, work / "bank"), load_tagger_scores(data, chosen))
        labeled_clips.apply_labels(library, chosen, label_schema.load())
        _refuse_incomplete(library, split)
        _libraries[key] = library
    return _libraries[key]


def _refuse_incomplete(library: ClipLibrary, split: str) -> None:
    """DataError where a part of the scenes has no clip, or none that people do not call otherwise."""
    rooms = [clip for kind in cast.QUIET_BEDS for clip in library.without_speech(kind)]
    needed = {
        "infant that cries": library.criers,
        "infant that cries steadily": library.steady_criers,
        "infant that only fusses": library.fussers,
        "room without a voice (ambience)": rooms,
        "adult's speech (adult_speech)": library.by_kind.get("adult_speech"),
        "music": library.by_kind.get("music"),
    }
    missing = [what for what, clips in needed.items() if not clips]
    if missing:
        raise DataError(f"the {split} split has no {', no '.join(missing)}: add clips, or split anew")


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
    library, guideline = open_library(data, clips, split, work), label_schema.load()
    chosen = labeled_clips.examples(clips, split, each)
    for number in numbers:
        rng = np.random.default_rng([seed, number, 1])
        mine = chosen[number * SCENES_PER_SHARD : (number + 1) * SCENES_PER_SHARD]
        _keep(folder / f"{number:05d}.npz", [labeled_clips.example(library, clip, guideline, rng) for clip in mine])
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
