"""Alarm rules for YAMNet, the baseline that hushd is compared with."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.records import SAMPLE_RATE, Event, EventKind
from training.data.yamnet import HOP_SAMPLES, WINDOW_SAMPLES

OFF_S = 30.0


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """An alarm when ``needed`` of the last ``of`` windows score above ``above``."""

    name: str
    above: float
    needed: int = 8
    of: int = 16


RULES = (
    AlarmRule("YAMNet, one > 0.8", 0.8, needed=1, of=1),
    AlarmRule("YAMNet, 8 of 16 > 0.5", 0.5),
    AlarmRule("YAMNet, 8 of 16 > 0.3", 0.3),
)
"""The first is Frigate's default, the others what careful users set up."""


def yamnet_alarms(scores: Sequence[float] | npt.NDArray[np.float32], rule: AlarmRule) -> list[Event]:
    """Return a start and an end for every alarm, as events like hushd's."""
    votes: deque[bool] = deque(maxlen=rule.of)
    events: list[Event] = []
    ringing, number, onset_s, last_met_s = False, 0, 0.0, float("-inf")
    for window, score in enumerate(scores):
        now_s = (window * HOP_SAMPLES + WINDOW_SAMPLES) / SAMPLE_RATE
        votes.append(score > rule.above)
        if sum(votes) >= rule.needed:
            last_met_s = now_s
            if not ringing:
                ringing, number, onset_s = True, number + 1, now_s
                events.append(Event(EventKind.CRY_STARTED, str(number), "crying", onset_s, now_s, score, rule.name))
        elif ringing and now_s - last_met_s >= OFF_S:
            ringing = False
            events.append(Event(EventKind.CRY_ENDED, str(number), "none", onset_s, now_s, score, rule.name))
    return events
