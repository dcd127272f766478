"""Scores of 5-second clips by the classifier alone, without the decision.

Labels of real infant clips are weak (``labels.weak_labels``) unless people listened to them. Labels of mixtures hold by
construction. Every other real clip is ``none`` by its source.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from edge.detection.classifier import Classifier
from edge.records import SAMPLE_RATE, WINDOW_SAMPLES, FloatArray
from training.data.manifest import Clip
from training.data.tagger_scores import TaggerScores
from training.evaluation.streaming import run_pipeline
from training.synthesis.adults import draw_parent, draw_television
from training.synthesis.clip_labels import clip_label, sure_label
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.infants import draw_cry
from training.synthesis.microphone import draw_microphone, record_scene
from training.synthesis.mixture import Track
from training.synthesis.room_acoustics import band_limit
from training.synthesis.rooms import draw_room
from training.synthesis.sources import Source, draw_background, mix


@dataclass(frozen=True, slots=True, eq=False)
class ScoredClip:
    """One 5-second clip with its label, its labeler and the model's probabilities."""

    name: str
    source: str
    kind: str
    truth: str
    labeller: str
    probabilities: FloatArray
    """float32 [labels], schema order."""
    yamnet: float
    """YAMNet's highest baby-cry or crying score within the clip; NaN for mixtures."""


def score_clips(
    classifier: Classifier,
    clips: Sequence[Clip],
    library: ClipLibrary,
    teachers: TaggerScores,
    mixtures: int,
    seed: int,
    up_to_hz: float = SAMPLE_RATE / 2,
) -> list[ScoredClip]:
    """Score the first 5 s of every real clip (padded with silence), and ``mixtures`` clips of each composed kind.

    ``up_to_hz``: cutoff of a steep low-pass that every clip goes through first, Hz.
    """

    def score(samples: FloatArray) -> FloatArray:
        return _score(classifier, band_limit(samples, 1, up_to_hz) if up_to_hz < SAMPLE_RATE / 2 else samples)

    scored = []
    for clip in clips:
        if clip.kind == "rir":
            continue
        truth, labeller = clip_label(clip, library)
        if truth:
            probabilities = score(_five_seconds(library.audio(clip)))
            yamnet = teachers.yamnet_cry(clip.file, library.guideline.clip_seconds)
            scored.append(ScoredClip(clip.file, clip.source, clip.kind, truth, labeller, probabilities, yamnet))
    for number in range(mixtures):
        for truth, kind, layer in _mixtures(library, np.random.default_rng([seed, number])):
            if sure_label(layer.tracks, library.guideline) == truth:
                probabilities = score(layer.audio)
                name, unknown = f"{kind} {number}", float("nan")
                scored.append(ScoredClip(name, "mixture", kind, truth, "by construction", probabilities, unknown))
    return scored


def _score(classifier: Classifier, samples: FloatArray) -> FloatArray:
    """Return the probabilities of one 5-second clip; the classifier starts from silence for every recording."""
    return np.array(list(run_pipeline(classifier, samples)[-1].probabilities.values()), np.float32)


def _five_seconds(samples: FloatArray) -> FloatArray:
    return np.pad(samples[:WINDOW_SAMPLES], (0, max(0, WINDOW_SAMPLES - len(samples))))


def _mixtures(library: ClipLibrary, rng: np.random.Generator) -> Iterator[tuple[str, str, Track]]:
    for truth, kind in (
        ("crying", "cry in a room"),
        ("crying", "cry with television"),
        ("soothed-crying", "soothed cry"),
    ):
        room = draw_room(rng, library)
        seconds = WINDOW_SAMPLES / SAMPLE_RATE
        sources: list[Source] = [
            draw_background(library, rng, room, seconds),
            draw_cry(library, rng, room, (0.0, seconds)),
        ]
        if kind == "cry with television":
            sources.append(draw_television(library, rng, room, seconds))
        if kind == "soothed cry":
            sources.append(draw_parent(library, rng, room, (0.0, seconds)))
        layer = mix(seconds, library, sources)
        layer.audio = record_scene(layer.audio, draw_microphone(rng))
        yield truth, kind, layer
