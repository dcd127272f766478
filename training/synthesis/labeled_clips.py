"""What people call a clip outweighs what the rule and the teachers say of it.

The consensus names clips by the digest of their audio; here it finds them in the data folder. A clip that people call
crying serves as a crier and fussing as a fusser, whatever the rule heard; ``none`` becomes a sound that is no cry;
soothed-crying is never used as an unsoothed cry; and one that people could not agree on is not used at all. Besides,
every labeled clip of the train split is an example itself.

A long clip is heard in pieces, and each labeled piece is an example. Pieces that fill the clip and share one label make
it the clip's. Of one that was heard in part, the rule's or source's word stands unless a piece contradicts it: then the
clip is in no scene of others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from edge.detection.features import FRAMES_PER_SECOND
from edge.records import FloatArray
from label_schema import Guideline
from training.data.annotations import SEGMENT_S, UNDECIDED
from training.data.manifest import Clip
from training.labels.weak_labels import DistressTracks, by_sound_alone
from training.synthesis.clip_library import STEADY, ClipLibrary
from training.synthesis.mixture import ATTENDING, CRY, STEPS_PER_SECOND, WHIMPER, Track, concatenate, crop, is_active
from training.synthesis.room_acoustics import Generator, microphone
from training.synthesis.scenes import SCENE_S
from training.synthesis.targets import window_labels

HEARD_IN = {"crying": (CRY,), "fussing": (WHIMPER,), "soothed-crying": (CRY, ATTENDING), "none": ()}
"""Label -> the truth tracks that it fills."""
CONFIDENT = 0.9
"""A label by people is what the net is to say of an example with at least this probability."""
LIKELY = 0.5
"""In scenes of others, the rule's truth tracks stay if they make people's label likelier than not: near the line it
is soft."""
NO_CRY_KIND = "human"
"""Where an infant's clip goes that people call ``none``: laughter, hiccups, babble, a phone's quiet room."""
_SLACK_S = 0.25
"""A gap so short is none: headers and decoders differ by less."""


@dataclass(frozen=True, slots=True)
class Example:
    """A labeled clip of the data folder, or a piece of one."""

    clip: Clip
    start_s: float | None
    """Where the piece begins, which is ``STRETCH_S`` long; None: the whole clip."""
    label: str


def apply_labels(library: ClipLibrary, clips: Sequence[Clip], guideline: Guideline) -> None:
    """Sort the clips that people labeled by their word."""
    for pool, taken_for in (
        (library.criers, "crying"),
        (library.steady_criers, "crying"),
        (library.fussers, "fussing"),
        (library.by_kind, "none"),
    ):
        for name in list(pool):
            library.usable_infants -= {clip.file for clip in pool[name] if not _stays(clip, taken_for)}
            pool[name] = [clip for clip in pool[name] if _stays(clip, taken_for)]
            if not pool[name]:
                del pool[name]
    for clip in clips:
        if (word := label_of(clip)) and not _stays(clip, word):
            _place(library, clip, word, guideline)


def label_of(clip: Clip) -> str | None:
    """What people call all of a clip: of pieces that leave nothing out, the label that they share, or ``UNDECIDED``.

    None: nobody listened, or only to a part.
    """
    if clip.annotations is None:
        return None
    if clip.annotations.whole is not None:
        return clip.annotations.whole
    heard_s = 0.0
    for each in clip.annotations.stretches:
        if each.start_s > heard_s + _SLACK_S:
            return None
        heard_s = each.start_s + SEGMENT_S
    if heard_s < clip.duration_s - _SLACK_S:
        return None
    labels = {each.label for each in clip.annotations.stretches}
    return labels.pop() if len(labels) == 1 else UNDECIDED


def _stays(clip: Clip, taken_for: str) -> bool:
    """Whether people say of all of a sound without an infant what its source said, or of a part what it counts as."""
    if clip.annotations is None:
        return True
    word = label_of(clip)
    if word is None:
        return {label for _, label in clip.annotations.labels()} == {taken_for}
    return clip.kind != "infant" and word == "none"


def _place(library: ClipLibrary, clip: Clip, label: str, guideline: Guideline) -> None:
    tracks = truth_tracks(library.track(clip), label, guideline, LIKELY)
    distress = DistressTracks(cry=tracks[:, CRY] > 0, whimper=tracks[:, WHIMPER] > 0)
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


def truth_tracks(layer: Track, label: str, guideline: Guideline, sure: float = CONFIDENT) -> FloatArray:
    """Truth tracks [frames, 3] that the guideline's thresholds call ``label``, so ``sure``.

    Nothing for ``none``. The rule's own if they do; else what the rule finds where the teachers hear no distress but
    people do; else the label's wherever the clip sounds; else the label's throughout.
    """
    columns = list(HEARD_IN[label])
    throughout = np.zeros_like(layer.tracks)
    if not columns:
        return throughout
    throughout[:, columns] = 1
    where_it_sounds = throughout * is_active(layer.audio)[: len(throughout), None]
    believed = np.zeros_like(layer.tracks)
    found = by_sound_alone(layer.audio)
    believed[: len(found.cry), CRY], believed[: len(found.cry), WHIMPER] = found.cry, found.whimper
    for tracks in (layer.tracks, believed, where_it_sounds):
        if label_probability(tracks, label, guideline) >= sure:
            return tracks
    return throughout


def label_probability(tracks: FloatArray, label: str, guideline: Guideline) -> float:
    """How surely the guideline's thresholds call all of this ``label``."""
    frames = FRAMES_PER_SECOND // STEPS_PER_SECOND
    whole = np.pad(tracks, ((0, -len(tracks) % frames), (0, 0)))
    steps = torch.from_numpy(whole.reshape(-1, frames, tracks.shape[1]).mean(axis=1))
    return float(window_labels(steps[None], guideline, len(steps))[0, 0, guideline.names.index(label)])


def examples(clips: Sequence[Clip], split: str, each: int) -> list[Example]:
    """The labeled clips and pieces of a split, so many times each."""
    once = [
        Example(clip, start_s, label)
        for clip in clips
        if clip.split == split and clip.annotations
        for start_s, label in clip.annotations.labels()
        if label
    ]
    return once * each


def labeled_track(library: ClipLibrary, chosen: Example, guideline: Guideline) -> Track:
    """The labeled clip or piece with the truth that its label tells.

    Shorter ones are filled up to 5 s with silence: any window then holds the whole clip, and the label is its target.
    """
    layer = library.track(chosen.clip)
    if chosen.start_s is not None:
        layer = crop(layer, chosen.start_s, chosen.start_s + SEGMENT_S)
    if layer.seconds <= SEGMENT_S + 1 / STEPS_PER_SECOND:
        alone = Track.silence(SEGMENT_S, library.classes)
        alone.add(layer, 0)
        layer = alone
    layer.tracks = truth_tracks(layer, chosen.label, guideline)
    return layer


def example(library: ClipLibrary, chosen: Example, guideline: Guideline, rng: Generator) -> Track:
    """A scene of it over and over, through another microphone each time."""
    layer = labeled_track(library, chosen, guideline)

    def again() -> Track:
        return Track(layer.audio.copy(), layer.tracks, layer.tags)

    scene = concatenate(SCENE_S, library.classes, again, lambda: 0.0)
    scene.audio = microphone(scene.audio, rng)
    return scene
