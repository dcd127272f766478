"""Feature shards: training scenes as features on disk, composed once and read by every epoch and experiment.

A shard is an ``.npz`` of 64 scenes: ``frames`` float16 [64, 1024, 64], ``tracks`` float16 [64, 64, 3] (fraction of each
quarter second that is cry, whimper, attending) and ``tags`` float16 [64, 64, classes]. Existing shards are not composed
again, so an interrupted run continues where it stopped.
"""

from collections.abc import Callable, Collection, Sequence
from functools import cache, partial
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
from training.storage.atomic import write_arrays
from training.storage.cache import digest, make_missing
from training.storage.paths import DataError
from training.synthesis import labeled_clips, mixture
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.labeled_clips import apply_labels
from training.synthesis.mixture import Track
from training.synthesis.oversampling import Oversampling
from training.synthesis.recipe_digests import OVERSAMPLED_SCENES, SCENES, guideline_numbers
from training.synthesis.scenes import SCENE_S, compose_scene
from training.synthesis.sources import QUIET_BACKGROUNDS

SCENES_PER_SHARD = 64
STEPS = round(SCENE_S * mixture.STEPS_PER_SECOND)
_FRAMES_PER_STEP = features.FRAMES_PER_SECOND // mixture.STEPS_PER_SECOND


def make_shards(
    workspace: Workspace, split: str, count: int, seed: int, emphases: Sequence[Oversampling] = ()
) -> list[Path]:
    """Compose ``count`` shards from one split's clips; the same arguments and recipe give the same scenes."""
    folder = workspace.work / "scenes" / f"{split}-{seed}-{_inputs_digest(workspace, split, emphases)}"
    make = partial(_make_scenes, workspace, split, seed, emphases)
    return _complete(folder, count, make, workspace.jobs, split)


def make_examples(workspace: Workspace, split: str, each: int, seed: int) -> list[Path]:
    """Compose shards of the labeled clips, ``each`` scenes of each clip; return [] where no clip is labeled."""
    chosen = labeled_clips.examples(workspace.clips, split, each)
    if not chosen:
        return []
    folder = workspace.work / "scenes" / f"labeled-{split}-{each}-{seed}-{_inputs_digest(workspace, split, ())}"
    make = partial(_make_examples, workspace, split, each, seed)
    return _complete(folder, -(-len(chosen) // SCENES_PER_SHARD), make, workspace.jobs, "labeled")


def _inputs_digest(workspace: Workspace, split: str, emphases: Sequence[Oversampling]) -> str:
    """Return the digest of the inputs of a split's scenes, and make sure that the audio cache exists."""
    contents = checksums.compute(workspace)
    open_audio_cache(workspace, checksums.digest(workspace.clips, contents))  # decoded before the workers need it
    chosen = workspace.clips_of(split)
    inputs = (clips_digest(chosen), checksums.digest(chosen, contents), features.FINGERPRINT, *map(str, emphases))
    code = OVERSAMPLED_SCENES if emphases else SCENES
    return digest(*inputs, guideline_numbers(label_schema.load()), code=code)[:12]


def _complete(folder: Path, count: int, make: Callable[[Sequence[Path]], None], jobs: int, what: str) -> list[Path]:
    """Make the missing shards of a folder, and return the paths of all.

    A batch is small enough for a progress bar, and large enough that opening the library takes little of its time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:05d}.npz" for number in range(count)]
    label = f"compose {what} scenes"
    make_missing(paths, lambda path: [path], make, jobs=jobs, label=label, unit="shard", batch=16)
    return paths


def load_shard(path: Path) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Load frames, tracks and tags of one shard, float32."""
    with np.load(path) as shard:
        return tuple(shard[name].astype(np.float32) for name in ("frames", "tracks", "tags"))


def open_library(workspace: Workspace, split: str) -> ClipLibrary:
    """Open the clip library of a split, sorted by the clips' annotations; DataError where a pool is empty.

    A process opens each library once.
    """
    return _open_library(workspace.data, workspace.work, tuple(workspace.clips), split)


@cache  # a worker process composes many batches from one library, and opening it finds the distress of every infant
def _open_library(data: Path, work: Path, clips: tuple[Clip, ...], split: str) -> ClipLibrary:
    workspace = Workspace(data, work, clips)
    chosen = workspace.clips_of(split)
    audio, scores = open_audio_cache(workspace), load_tagger_scores(data, chosen)
    library = apply_labels(ClipLibrary.of_clips(chosen, audio, scores, label_schema.load()), chosen)
    _require_pools(library, split)
    return library


def _require_pools(library: ClipLibrary, split: str) -> None:
    """Raise DataError where a part of the scenes has no clip, or no clip that people did not label otherwise."""
    rooms = [clip for kind in QUIET_BACKGROUNDS for clip in library.without_speech(kind)]
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


def _make_scenes(
    workspace: Workspace, split: str, seed: int, emphases: Sequence[Oversampling], paths: Sequence[Path]
) -> None:
    library = open_library(workspace, split)
    for path in paths:
        rng = np.random.default_rng([seed, int(path.stem)])
        _write_shard(path, [compose_scene(library, rng, emphases) for _ in range(SCENES_PER_SHARD)])


def _make_examples(workspace: Workspace, split: str, each: int, seed: int, paths: Sequence[Path]) -> None:
    library = open_library(workspace, split)
    chosen = labeled_clips.examples(workspace.clips, split, each)
    for path in paths:
        number = int(path.stem)
        rng = np.random.default_rng([seed, number, 1])
        mine = chosen[number * SCENES_PER_SHARD : (number + 1) * SCENES_PER_SHARD]
        _write_shard(path, [labeled_clips.compose_example(library, clip, rng) for clip in mine])


def _write_shard(path: Path, made: Sequence[Track]) -> None:
    tracks = [scene.tracks.reshape(STEPS, _FRAMES_PER_STEP, 3).mean(axis=1) for scene in made]
    arrays = {
        "frames": np.stack([features.log_mel(scene.audio) for scene in made]).astype(np.float16),
        "tracks": np.stack(tracks).astype(np.float16),
        "tags": np.stack([scene.tags for scene in made]).astype(np.float16),
    }
    write_arrays(path, arrays)
