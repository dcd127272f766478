"""Labeled clips: people's labels sort the clip library, and each labeled clip is a training example itself.

People's labels take precedence over weak labels and sources. A clip labeled crying becomes a crier and one labeled
fussing a fusser. One labeled ``none`` becomes a sound without distress. One labeled soothed-crying is in no scene of
other clips, and neither is one without an agreed label.

A long clip is labeled in segments, and each labeled segment is an example. Segments that cover the clip and share a
label make it the clip's label. A clip that is labeled in part keeps its weak label or source, unless a segment
contradicts it. Then it is in no scene of other clips.

The labels come from the consensus, which names clips by the digest of their audio.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import torch

from edge.detection.features import FRAMES_PER_SECOND
from edge.records import FloatArray
from label_schema import Guideline
from training.data.annotations import UNDECIDED
from training.data.manifest import Clip
from training.labels.weak_labels import DistressTracks, find_distress_by_sound
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.clip_pools import PoolBuilder
from training.synthesis.microphone import draw_microphone, record_scene
from training.synthesis.mixture import ATTENDING, CRY, STEPS_PER_SECOND, WHIMPER, Track, concatenate, crop, is_active
from training.synthesis.room_acoustics import Generator
from training.synthesis.scenes import SCENE_S
from training.synthesis.targets import window_labels

COLUMNS_OF_LABEL = {"crying": (CRY,), "fussing": (WHIMPER,), "soothed-crying": (CRY, ATTENDING), "none": ()}
"""Label -> the truth tracks that it fills."""
CONFIDENT = 0.9
"""An example's truth gives its label at least this probability."""
LIKELY = 0.5
"""In scenes of other clips, the weak truth stays if it makes people's label likelier than not: near a threshold it is
uncertain.
"""
NO_CRY_KIND = "human"
"""Kind of an infant's clip that people label ``none``: laughter, hiccups, babble, a phone's quiet room."""
_SLACK_S = 0.25
"""A shorter gap between segments does not count: headers and decoders differ by less."""


@dataclass(frozen=True, slots=True)
class Example:
    """A labeled clip of the data folder, or a labeled segment of one."""

    clip: Clip
    start_s: float | None
    """Where the segment begins, which is as long as the guideline's clips; None for the whole clip."""
    label: str


def apply_labels(library: ClipLibrary, clips: Sequence[Clip]) -> ClipLibrary:
    """Return the library with its labeled clips sorted by their labels."""
    pools, guideline = PoolBuilder.copy_of(library), library.guideline
    for pool, taken_for in (
        (pools.criers, "crying"),
        (pools.steady_criers, "crying"),
        (pools.fussers, "fussing"),
        (pools.by_kind, "none"),
    ):
        for name, before in pool.items():
            moved = [clip for clip in before if not _keeps_pool(clip, taken_for, guideline)]
            pools.usable_infants -= {clip.file for clip in moved}
            pool[name] = [clip for clip in before if clip not in moved]
    for clip in clips:
        if (label := label_of(clip, guideline)) and not _keeps_pool(clip, label, guideline):
            _add_labeled(pools, clip, label, library)
    return library.with_pools(pools.build())


def label_of(clip: Clip, guideline: Guideline) -> str | None:
    """Return people's label of a whole clip, or ``UNDECIDED``; None where they labeled no or only a part of it.

    The label of segments that cover the clip is the one that they share.
    """
    if clip.annotations is None:
        return None
    if clip.annotations.whole is not None:
        return clip.annotations.whole
    covered_s = 0.0
    for segment in clip.annotations.segments:
        if segment.start_s > covered_s + _SLACK_S:
            return None
        covered_s = segment.start_s + guideline.clip_seconds
    if covered_s < clip.duration_s - _SLACK_S:
        return None
    labels = {segment.label for segment in clip.annotations.segments}
    return labels.pop() if len(labels) == 1 else UNDECIDED


def _keeps_pool(clip: Clip, label: str, guideline: Guideline) -> bool:
    """Return whether a clip's annotations agree with a pool of this label, and with the frames of its weak label."""
    if clip.annotations is None:
        return True
    whole = label_of(clip, guideline)
    if whole is None:
        return {each for _, each in clip.annotations.labels()} == {label}
    return clip.kind != "infant" and whole == "none"


def _add_labeled(pools: PoolBuilder, clip: Clip, label: str, library: ClipLibrary) -> None:
    tracks = truth_tracks(library.track(clip), label, library.guideline, LIKELY)
    distress = DistressTracks(cry=tracks[:, CRY] > 0, whimper=tracks[:, WHIMPER] > 0)
    pools.distress[clip.file] = distress
    match label:
        case "crying":
            pools.add_crier(clip, distress)
        case "fussing":
            pools.fussers[clip.group].append(clip)
        case "none":
            pools.by_kind[NO_CRY_KIND].append(clip)
        case _:
            return  # soothed-crying: it is an example, and not part of other scenes
    if clip.kind == "infant":
        pools.usable_infants.add(clip.file)


def truth_tracks(layer: Track, label: str, guideline: Guideline, sure: float = CONFIDENT) -> FloatArray:
    """Return truth tracks [frames, 3] to which the guideline gives ``label`` a probability of at least ``sure``.

    They are empty for ``none``. Otherwise they are the first of these that is sure enough: the weak label's own, the
    weak-label rule's without taggers, the label's columns wherever the clip is active, and these columns throughout.
    """
    columns = list(COLUMNS_OF_LABEL[label])
    throughout = np.zeros_like(layer.tracks)
    if not columns:
        return throughout
    throughout[:, columns] = 1
    while_active = throughout * is_active(layer.audio)[: len(throughout), None]
    by_sound = np.zeros_like(layer.tracks)
    found = find_distress_by_sound(layer.audio, guideline)
    by_sound[: len(found.cry), CRY], by_sound[: len(found.cry), WHIMPER] = found.cry, found.whimper
    for tracks in (layer.tracks, by_sound, while_active):
        if label_probability(tracks, label, guideline) >= sure:
            return tracks
    return throughout


def label_probability(tracks: FloatArray, label: str, guideline: Guideline) -> float:
    """Return the guideline's probability of ``label`` for all of these truth tracks."""
    frames = FRAMES_PER_SECOND // STEPS_PER_SECOND
    whole = np.pad(tracks, ((0, -len(tracks) % frames), (0, 0)))
    steps = torch.from_numpy(whole.reshape(-1, frames, tracks.shape[1]).mean(axis=1))
    return float(window_labels(steps[None], guideline, len(steps))[0, 0, guideline.names.index(label)])


def examples(clips: Sequence[Clip], split: str, each: int) -> list[Example]:
    """Return the labeled clips and segments of a split, ``each`` times."""
    once = [
        Example(clip, start_s, label)
        for clip in clips
        if clip.split == split and clip.annotations
        for start_s, label in clip.annotations.labels()
        if label
    ]
    return once * each


def labeled_track(library: ClipLibrary, chosen: Example) -> Track:
    """Return the labeled clip or segment with the truth of its label.

    A shorter one is padded with silence to the guideline's clip length: any window then holds the whole clip, and the
    label is its target.
    """
    guideline = library.guideline
    layer = library.track(chosen.clip)
    if chosen.start_s is not None:
        layer = crop(layer, chosen.start_s, chosen.start_s + guideline.clip_seconds)
    if layer.seconds <= guideline.clip_seconds + 1 / STEPS_PER_SECOND:
        padded = Track.silence(guideline.clip_seconds, library.classes)
        padded.add(layer, 0)
        layer = padded
    layer.tracks = truth_tracks(layer, chosen.label, guideline)
    return layer


def compose_example(library: ClipLibrary, chosen: Example, rng: Generator) -> Track:
    """Compose a scene of it again and again, through another microphone each time."""
    layer = labeled_track(library, chosen)
    copies = (Track(layer.audio.copy(), layer.tracks, layer.tags) for _ in repeat(None))
    scene = concatenate(SCENE_S, library.classes, copies, repeat(0.0))
    scene.audio = record_scene(scene.audio, draw_microphone(rng))
    return scene
