"""Fakes at the daemon's seams: a classifier that hears what the script says, and a publisher that remembers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from edge.detection.decision import Decision
from edge.detection.decision_settings import DecisionSettings, Thresholds
from edge.detection.pipeline import Pipeline
from edge.protocol.commands import CommandMessage
from edge.records import SAMPLE_RATE, AudioBlock, LogMel, Scores

LABELS = ("crying", "fussing", "soothed-crying", "none")
SETTINGS = DecisionSettings(cry_s=2.5, quiet_s=30, reminder_every_s=60)
DAWN = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)


def blocks(seconds: float, start_s: float = 0.0, lost_before: int = 0) -> Iterator[AudioBlock]:
    """Quiet noise in blocks of half a second."""
    noise = np.random.default_rng(0).normal(0, 0.001, SAMPLE_RATE // 2).astype(np.float32)
    for index in range(round(seconds * 2)):
        yield AudioBlock(noise, round(start_s * SAMPLE_RATE) + index * len(noise), lost_before if index == 0 else 0)


def crying_between(start_s: float, end_s: float) -> Callable[[float], str]:
    """A script: crying in the windows that end within these times, else none."""
    return lambda now_s: "crying" if start_s <= now_s <= end_s else "none"


class ScriptedClassifier:
    """Hears, with a probability of 0.97, the label that the script gives for each time."""

    def __init__(self, script: Callable[[float], str]) -> None:
        self._script = script

    def push(self, log_mel: LogMel) -> Scores | None:
        end_s = log_mel.end_sample / SAMPLE_RATE
        if end_s < 5:
            return None
        heard = self._script(end_s)
        return Scores({label: 0.97 if label == heard else 0.01 for label in LABELS}, end_s, log_mel.level_dbfs)


def decision() -> Decision:
    """Settings that these tests count on; episodes are called a, b, c..."""
    names = iter("abcdefgh")
    return Decision(SETTINGS, Thresholds(cry=0.5, soothing=0.5), 1.0, lambda: next(names))


def pipeline(script: Callable[[float], str], decides: Decision | None = None) -> Pipeline:
    """The real road with a scripted classifier on it."""
    return Pipeline(ScriptedClassifier(script), decides or decision())


@dataclass
class FakePublisher:
    """Remembers what it was told to publish."""

    connected: bool = True
    problem: str | None = None
    listening: list[bool] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    healths: list[str] = field(default_factory=list)
    sent: list[CommandMessage] = field(default_factory=list)
    """Commands that have come and were not taken yet."""
    lost_commands: int = 0
    woken: int = 0

    def wake(self) -> None:
        self.woken += 1

    def commands(self) -> list[CommandMessage]:
        taken, self.sent = self.sent, []
        return taken

    def set_listening(self, listening: bool) -> None:
        self.listening.append(listening)

    def publish_state(self, text: str) -> None:
        self.states.append(text)

    def publish_health(self, text: str) -> None:
        self.healths.append(text)


@dataclass
class HandClock:
    """Time goes on only when told."""

    now_s: float = 0.0

    def steady_s(self) -> float:
        return self.now_s

    def utc(self) -> datetime:
        return DAWN + timedelta(seconds=self.now_s)
