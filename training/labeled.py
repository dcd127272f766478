"""What people call a clip outweighs what the rule and the teachers say of it.

The consensus names clips by the digest of their audio; here it finds them in the data folder. A clip that people call
crying serves as a crier and fussing as a fusser, whatever the rule heard; ``none`` becomes a sound that is no cry;
soothed-crying is never used as an unsoothed cry; and one that people could not agree on is not used at all. Besides,
every labeled clip of the train split is an example itself.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from edge.features import FRAMES_PER_SECOND
from edge.records import FloatArray
from label_schema import Guideline
from training.acoustics import Generator, microphone
from training.catalog import Clip
from training.distress import Distress
from training.labels.records import LabelError
from training.layers import ATTENDING, CRY, STEADY, STEPS_PER_SECOND, WHIMPER, Layer, Library, sounding, string
from training.scenes import SCENE_S
from training.targets import window_labels

UNDECIDED = ""
HEARD_IN = {"crying": (CRY,), "fussing": (WHIMPER,), "soothed-crying": (CRY, ATTENDING), "none": ()}
"""Label -> the truth tracks that it fills."""
HARD = 0.9
"""A label by people is what the net is to say with at least this probability."""
NO_CRY_KIND = "human"
"""Where an infant's clip goes that people call ``none``: laughter, hiccups, babble, a phone's quiet room."""
CLIP_S = 5.0


def read_consensus(path: Path, guideline: Guideline) -> dict[str, str]:
    """SHA-256 of a clip -> its label where people listened, ``UNDECIDED`` where they do not agree."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if rows and rows[0].get("digest") != guideline.digest:
        raise LabelError(
            f"{path} was made under guideline version {rows[0].get('guideline')}, training follows version"
            f" {guideline.version} ({guideline.digest[:12]}): make it anew with `python -m training consensus`"
        )
    return {row["clip"]: row["label"] for row in rows if row["heard"] == "yes"}


def attach(clips: Iterable[Clip], contents: Mapping[str, str], consensus: Mapping[str, str]) -> list[Clip]:
    """The clips with what people call them; ``contents`` is file -> SHA-256."""
    return [replace(clip, said=consensus.get(contents[clip.file])) for clip in clips]


def heed(library: Library, clips: Sequence[Clip], guideline: Guideline) -> None:
    """Sort the clips that people labeled by their word."""
    for pool in (library.criers, library.steady_criers, library.fussers, library.by_kind):
        for name in list(pool):
            pool[name] = [clip for clip in pool[name] if clip.said is None or _stays(clip)]
            if not pool[name]:
                del pool[name]
    library.usable_infants -= {clip.file for clip in clips if clip.said is not None}
    for clip in clips:
        if clip.said and not _stays(clip):
            _place(library, clip, clip.said, guideline)


def _stays(clip: Clip) -> bool:
    """Whether people say of a sound without an infant what its source said already."""
    return clip.kind != "infant" and clip.said == "none"


def _place(library: Library, clip: Clip, label: str, guideline: Guideline) -> None:
    tracks = truth(library.layer(clip), label, guideline)
    distress = Distress(cry=tracks[:, CRY] > 0, whimper=tracks[:, WHIMPER] > 0)
    library.distress[clip.file] = distress
    match label:
        case "crying":
            library.criers[clip.group].append(clip)
            if distress.steadiness >= STEADY:
                library.steady_criers[clip.group].append(clip)
        case "fussing":
            library.fussers[clip.group].append(clip)
        case "none":
            library.by_kind[NO_CRY_KIND].append(clip)
        case _:
            return  # soothed: it is an example, and no part of other scenes
    if clip.kind == "infant":
        library.usable_infants.add(clip.file)


def truth(layer: Layer, label: str, guideline: Guideline) -> FloatArray:
    """Truth tracks [frames, 3] that the guideline's thresholds surely call ``label``.

    The rule's own if they do; else the label's wherever the clip sounds; else the label's throughout.
    """
    columns = list(HEARD_IN[label])
    throughout = np.zeros_like(layer.tracks)
    throughout[:, columns] = 1
    where_it_sounds = throughout * sounding(layer.audio)[: len(throughout), None]
    for tracks in (layer.tracks, where_it_sounds):
        if odds(tracks, label, guideline) >= HARD:
            return tracks
    return throughout


def odds(tracks: FloatArray, label: str, guideline: Guideline) -> float:
    """How surely the guideline's thresholds call all of this ``label``."""
    frames = FRAMES_PER_SECOND // STEPS_PER_SECOND
    whole = np.pad(tracks, ((0, -len(tracks) % frames), (0, 0)))
    steps = torch.from_numpy(whole.reshape(-1, frames, tracks.shape[1]).mean(axis=1))
    return float(window_labels(steps[None], guideline, len(steps))[0, 0, guideline.names.index(label)])


def examples(clips: Sequence[Clip], split: str, each: int) -> list[Clip]:
    """The labeled clips of a split, so many times each."""
    return [clip for _ in range(each) for clip in clips if clip.split == split and clip.said]


def example(library: Library, clip: Clip, guideline: Guideline, rng: Generator) -> Layer:
    """A scene of one labeled clip over and over, through another microphone each time.

    Shorter ones are filled up to 5 s with silence: any window then holds the whole clip, and the label is its target.
    """
    layer = library.layer(clip)
    if layer.seconds <= CLIP_S + 1 / STEPS_PER_SECOND:
        alone = Layer.silence(CLIP_S, library.classes)
        alone.lay(layer, 0)
        layer = alone
    assert clip.said
    layer.tracks = truth(layer, clip.said, guideline)

    def again() -> Layer:
        return Layer(layer.audio.copy(), layer.tracks, layer.tags)

    scene = string(SCENE_S, library.classes, again, lambda: 0.0)
    scene.audio = microphone(scene.audio, rng)
    return scene
