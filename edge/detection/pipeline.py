"""The pipeline from sound to events, shared by the daemon, replay and the evaluation of nights."""

from collections.abc import Iterator
from typing import Protocol

from edge.detection.decision import Decision
from edge.detection.features import LogMelStream
from edge.detection.windows import HopFramer
from edge.records import SAMPLE_RATE, AudioBlock, Event, LogMel, Scores


class WindowScorer(Protocol):
    """The port of the classifier."""

    def push(self, log_mel: LogMel) -> Scores | None:
        """Return the scores of the window that ends with this hop; None before the first complete window."""


class Pipeline:
    """Windows, features, classifier and decision in sequence."""

    def __init__(self, classifier: WindowScorer, decision: Decision, hop_samples: int = SAMPLE_RATE) -> None:
        self._hops = HopFramer(hop_samples)
        self._features = LogMelStream()
        self._classifier = classifier
        self._decision = decision

    def push(self, block: AudioBlock) -> Iterator[Scores | Event]:
        """Yield the scores of each hop that this block completes, each followed by its events."""
        for hop in self._hops.push(block):
            scores = self._classifier.push(self._features.push(hop))
            if scores is not None:
                yield scores
                yield from self._decision.push(scores)
