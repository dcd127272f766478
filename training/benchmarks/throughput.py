"""How much one core gets through, step by step, and what so many clips and so many speakers would need of that.

Measured here and now, in processor time of one thread, so that a busy machine slows the answer but hardly changes it.
What is reckoned from it says so.
"""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

import label_schema
from edge.audio.recordings import read
from edge.detection import features
from edge.detection.classifier import WINDOW_FRAMES, Classifier
from edge.errors import AudioError
from edge.records import SAMPLE_RATE, WINDOW_SAMPLES, FloatArray
from training.data.manifest import Clip
from training.data.tagger_scores import load_tagger_scores
from training.data.workspace import Workplace
from training.evaluation.streaming import run_pipeline
from training.labels.weak_labels import find_distress
from training.synthesis import nights
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.feature_shards import open_library
from training.synthesis.scenes import SCENE_S, compose_scene

CLIP_S = WINDOW_SAMPLES / SAMPLE_RATE
SPLIT = "test"
CORES = 100
"""Of the cluster that the table imagines."""
_ROW_S = 60

_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True)
class StepRate:
    """One heavy step on one core."""

    step: str
    audio_s: float
    """Seconds of sound it got through..."""
    cpu_s: float
    """...in so much processor time."""

    def core_hours(self, clips: int) -> float:
        """For so many clips of five seconds."""
        return clips * CLIP_S * self.cpu_s / self.audio_s / 3_600


@dataclass(frozen=True, slots=True)
class Fleet:
    """What is imagined; nobody has measured it."""

    clips: int
    devices: int
    shared_a_week: float
    """Clips that parents of one speaker agree to share, on average."""
    listen_s: float
    """What it takes one person to label one clip."""


def measure(place: Workplace, model: Path, seconds: float) -> list[StepRate]:
    """Every heavy step, each for so much processor time."""
    library = open_library(place.data, place.clips, SPLIT, place.work)
    mine = [clip for clip in place.clips if clip.split == SPLIT and clip.kind != "rir"]
    infants = [clip for clip in mine if clip.kind == "infant"]
    teachers = load_tagger_scores(place.data)
    classifier = Classifier.load(model, label_schema.load())

    def weak_label(clip: Clip) -> float:
        find_distress(library.audio(clip), teachers.clips[clip.file], library.guideline)
        return clip.duration_s

    def heard(sound: FloatArray) -> float:
        run_pipeline(classifier, sound)
        return len(sound) / SAMPLE_RATE

    return [
        _pace("decode clips", seconds, lambda clip: _decode(place.data, clip), mine),
        _pace("weak labels of infants' clips", seconds, weak_label, infants),
        _pace("compose scenes, with features", seconds, lambda seed: _scene(library, seed), itertools.count()),
        _pace("listen with the shipped model", seconds, heard, _row(library, mine)),
        _pace("compose nights and listen to them", seconds, heard, _night(library)),
    ]


def as_text(paces: Sequence[StepRate], fleet: Fleet, clip_bytes: float, model_bytes: int) -> str:
    """Two tables in Markdown: measured, and reckoned from it."""
    rows = [
        f"| {pace.step} | {pace.audio_s / pace.cpu_s:,.0f} | {pace.core_hours(fleet.clips):,.1f} h "
        f"| {60 * pace.core_hours(fleet.clips) / CORES:,.0f} min |"
        for pace in paces
    ]
    arriving = fleet.devices * fleet.shared_a_week / 7
    label_h = arriving * fleet.listen_s / 3_600
    frames_kb = WINDOW_FRAMES * features.MELS * 2 / 1_000
    lines = [
        f"| step | seconds of sound a second, one core | {fleet.clips:,} clips, one core | {CORES} cores |",
        "|---|---|---|---|",
        *rows,
        "",
        f"| {fleet.clips:,} clips of {CLIP_S:.0f} s | |",
        "|---|---|",
        f"| as they are kept, {clip_bytes / 1_000:.0f} kB each | {fleet.clips * clip_bytes / 1e9:,.0f} GB |",
        f"| decoded in the bank, {2 * WINDOW_SAMPLES / 1_000:.0f} kB each "
        f"| {fleet.clips * 2 * WINDOW_SAMPLES / 1e9:,.0f} GB |",
        f"| as features, {frames_kb:.0f} kB each | {fleet.clips * frames_kb / 1e6:,.0f} GB |",
        f"| heard once by a person, {fleet.listen_s:g} s each | {fleet.clips * fleet.listen_s / 3_600:,.0f} h |",
        "",
        f"| {fleet.devices:,} speakers, {fleet.shared_a_week:g} clips shared a week each | |",
        "|---|---|",
        f"| clips that come in | {arriving:,.0f} a day, {arriving * clip_bytes / 1e9:.2f} GB a day |",
        f"| weak labels and features of a day's clips "
        f"| {sum(pace.core_hours(1) for pace in paces[:3]) * arriving * 60:,.0f} minutes of one core |",
        f"| a day's clips heard by people, {fleet.listen_s:g} s each | {label_h:,.0f} h a day |",
        f"| one in a hundred of them | {label_h * 60 / 100:,.0f} minutes a day |",
        f"| a new model to all, {model_bytes / 1e6:.2f} MB each | {fleet.devices * model_bytes / 1e9:,.1f} GB |",
        "| sound, scores and alerts that leave a home otherwise | none |",
    ]
    return "\n".join(lines)


def _pace(step: str, seconds: float, work: Callable[[_Thing], float], things: Iterable[_Thing]) -> StepRate:
    """Until the time is up or the things are; each tells how much sound it was."""
    began, audio_s = time.thread_time(), 0.0
    for thing in things:
        audio_s += work(thing)
        if time.thread_time() - began >= seconds:
            break
    return StepRate(step, audio_s, time.thread_time() - began)


def _decode(data: Path, clip: Clip) -> float:
    samples = 0
    with suppress(AudioError):  # cut short: what was decoded before counts, as in the bank
        samples = sum(len(block.samples) for block in read(data / "clips" / clip.file))
    return samples / SAMPLE_RATE


def _scene(library: ClipLibrary, seed: int) -> float:
    features.log_mel(compose_scene(library, np.random.default_rng(seed)).audio)
    return SCENE_S


def _row(library: ClipLibrary, clips: Sequence[Clip]) -> Iterator[FloatArray]:
    """All clips one after another, a minute at a time: each minute is long enough for the model to be asked."""
    sound = np.concatenate([library.audio(clip) for clip in clips])
    while True:
        for start in range(0, len(sound), _ROW_S * SAMPLE_RATE):
            yield sound[start : start + _ROW_S * SAMPLE_RATE]


def _night(library: ClipLibrary) -> Iterator[FloatArray]:
    for number in itertools.count():
        for sound, _ in nights.compose_night(nights.NightRecipe(SPLIT, 0, number, 3_600.0), library):
            yield sound
