"""The road from sound to events, the same for the daemon, for replay and for the workshop's nights."""

from collections.abc import Iterator
from typing import Protocol

from edge.detection.decision import Decision
from edge.detection.features import LogMelStream
from edge.detection.windows import HopFramer
from edge.records import SAMPLE_RATE, AudioBlock, Event, LogMel, Scores


class WindowScorer(Protocol):
    """What the pipeline needs of a classifier."""

    def push(self, log_mel: LogMel) -> Scores | None:
        """Scores of the window that ends with this hop, once there is a whole one."""


class Pipeline:
    """Blocks in; the scores of every hop and the events they lead to out."""

    def __init__(self, classifier: WindowScorer, decision: Decision, hop_samples: int = SAMPLE_RATE) -> None:
        self._hops = HopFramer(hop_samples)
        self._features = LogMelStream()
        self._classifier = classifier
        self._decision = decision

    def push(self, block: AudioBlock) -> Iterator[Scores | Event]:
        """What this block completes, in order."""
        for hop in self._hops.push(block):
            scores = self._classifier.push(self._features.push(hop))
            if scores is not None:
                yield scores
                yield from self._decision.push(scores)
