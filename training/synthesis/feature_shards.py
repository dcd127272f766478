"""Training scenes as features on disk: made once on all cores, then read by every epoch and every experiment.

A shard is an ``.npz`` of 64 scenes: ``frames`` float16 [64, 1024, 64], ``tracks`` float16 [64, 64, 3] (fraction of each
quarter second that is cry, whimper, attending) and ``tags`` float16 [64, 64, classes]. Shards that are there are not
made again, so an interrupted run goes on where it stopped.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

import label_schema
from edge.detection import features
from edge.records import FloatArray
from training.data import checksums
from training.data.audio_cache import open_audio_cache
from training.data.manifest import Clip, clips_digest
from training.data.tagger_scores import load_tagger_scores
from training.data.workspace import Workspace
from training.labels import weak_labels
from training.storage.atomic import write_arrays
from training.storage.cache import make_missing, source_bytes
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
    workspace: Workspace, split: str, count: int, seed: int, emphases: Sequence[Oversampling] = ()
) -> list[Path]:
    """``count`` shards of scenes from one split's clips; the same arguments and recipe give the same scenes."""
    folder = workspace.work / "scenes" / f"{split}-{seed}-{_made_of(workspace, split, emphases)}"
    make = partial(_make_scenes, workspace, split, seed, emphases)
    return _complete(folder, count, make, workspace.jobs, split)


def make_examples(workspace: Workspace, split: str, each: int, seed: int) -> list[Path]:
    """Shards of the clips that people labeled, so many scenes of each; none where nobody did."""
    chosen = labeled_clips.examples(workspace.clips, split, each)
    if not chosen:
        return []
    folder = workspace.work / "scenes" / f"labeled-{split}-{each}-{seed}-{_made_of(workspace, split, ())}"
    make = partial(_make_examples, workspace, split, each, seed)
    return _complete(folder, -(-len(chosen) // SCENES_PER_SHARD), make, workspace.jobs, "labeled")


def _made_of(workspace: Workspace, split: str, emphases: Sequence[Oversampling]) -> str:
    """Digest of all that scenes of a split are made from; the bank is there afterwards."""
    contents = checksums.compute(workspace)
    open_audio_cache(workspace, checksums.digest(workspace.clips, contents))  # decoded before the workers need it
    chosen = workspace.clips_of(split)
    return _recipe_digest(chosen, checksums.digest(chosen, contents), emphases)[:12]


def _complete(folder: Path, count: int, make: Callable[[Sequence[Path]], None], jobs: int, what: str) -> list[Path]:
    """Make the missing shards of a folder. A batch is small enough for a progress bar, and large enough that opening
    the library takes little of its time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:05d}.npz" for number in range(count)]
    label = f"compose {what} scenes"
    make_missing(paths, lambda path: [path], make, jobs=jobs, label=label, unit="shard", batch=16)
    return paths


def load_shard(path: Path) -> tuple[FloatArray, FloatArray, FloatArray]:
    """frames, tracks and tags of one shard, float32."""
    with np.load(path) as shard:
        return tuple(shard[name].astype(np.float32) for name in ("frames", "tracks", "tags"))


def _recipe_digest(clips: Sequence[Clip], contents: str, emphases: Sequence[Oversampling]) -> str:
    modules = [*RECIPE, *([oversampling] if emphases else [])]
    said = any(clip.annotations is not None for clip in clips)
    if said:
        modules += [labeled_clips, targets]
    sources = [source_bytes(modules)]
    sources += [str(each).encode() for each in emphases]
    sources += [repr(label_schema.load().thresholds).encode()] if said else []
    names = (clips_digest(clips), contents, features.FINGERPRINT)
    return hashlib.sha256(b"".join([*(name.encode() for name in names), *sources])).hexdigest()


_libraries: dict[tuple[Path, str, str], ClipLibrary] = {}


def open_library(workspace: Workspace, split: str) -> ClipLibrary:
    """A worker process opens each library once. What people say of the clips is heeded."""
    chosen = workspace.clips_of(split)
    key = (workspace.data, split, clips_digest(chosen))
    if key not in _libraries:
        library = ClipLibrary(chosen, open_audio_cache(workspace), load_tagger_scores(workspace.data, chosen))
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


def _make_scenes(
    workspace: Workspace, split: str, seed: int, emphases: Sequence[Oversampling], paths: Sequence[Path]
) -> None:
    library = open_library(workspace, split)
    for path in paths:
        rng = np.random.default_rng([seed, int(path.stem)])
        _write_shard(path, [compose_scene(library, rng, emphases) for _ in range(SCENES_PER_SHARD)])


def _make_examples(workspace: Workspace, split: str, each: int, seed: int, paths: Sequence[Path]) -> None:
    library, guideline = open_library(workspace, split), label_schema.load()
    chosen = labeled_clips.examples(workspace.clips, split, each)
    for path in paths:
        number = int(path.stem)
        rng = np.random.default_rng([seed, number, 1])
        mine = chosen[number * SCENES_PER_SHARD : (number + 1) * SCENES_PER_SHARD]
        _write_shard(path, [labeled_clips.example(library, clip, guideline, rng) for clip in mine])


def _write_shard(path: Path, made: Sequence[Track]) -> None:
    tracks = [scene.tracks.reshape(STEPS, _FRAMES_PER_STEP, 3).mean(axis=1) for scene in made]
    arrays = {
        "frames": np.stack([features.log_mel(scene.audio) for scene in made]).astype(np.float16),
        "tracks": np.stack(tracks).astype(np.float16),
        "tags": np.stack([scene.tags for scene in made]).astype(np.float16),
    }
    write_arrays(path, arrays)
