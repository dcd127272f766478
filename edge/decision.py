r"""When to call the parents: scores in, events out, in words a parent knows.

Pure: no clock, no I/O; time is the stream time of the scores.

          cry heard for `cry_s`                     soothing heard for `soothing_s`
    QUIET/FUSSING ---------------> CRYING  ------------------------------> SOOTHED
        ^    \  soothing heard       | ^                                    |  |
        |     `---- (no alert) --------|-|-----------------------------------'  |
        |                             | `--- no soothing for `soothing_hold_s`-'
        `----- no cry for `quiet_s` --'                     and still crying

An episode begins with the first cry and ends with `quiet_s` without one. A cry that somebody soothes from the start
opens an episode silently; it becomes an alert only when the soothing stops and the crying goes on.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from uuid import uuid4

from edge.records import Event, EventKind, Scores


@dataclass(frozen=True, slots=True)
class DecisionSettings:
    """How long is long enough; all in seconds."""

    cry_s: float = 3.0
    """Windows of crying, in seconds, that ring..."""
    within_s: float = 5.0
    """...if heard within this time."""
    soothing_s: float = 3.0
    """Windows of soothing heard, within `within_s`, that count as somebody being there."""
    soothing_hold_s: float = 10.0
    """A soothing adult may pause this long while the baby cries on before it counts as having stopped."""
    quiet_s: float = 30.0
    """Without a cry for this long, the episode is over."""
    reminder_every_s: float = 60.0
    """While the crying goes on and nobody soothes."""
    soothing_limit_s: float = 600.0
    """Soothed crying that goes on past this is told to the parents, quietly, once."""

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0 seconds")
        if self.cry_s > self.within_s:
            raise ValueError("cry_s cannot be more than within_s: that much crying does not fit")
        if self.soothing_s > self.within_s:
            raise ValueError("soothing_s cannot be more than within_s: that much soothing does not fit")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability a window counts; the model's operating point says."""

    cry: float
    soothing: float


class State(StrEnum):
    """What the baby is doing, as far as one can hear."""

    QUIET = "quiet"
    FUSSING = "fussing"
    CRYING = "crying"
    SOOTHED = "soothed"


@dataclass(slots=True)
class _Episode:
    id: str
    onset_s: float
    announced: bool = False
    soothed_since_s: float | None = None
    soothing_long_told: bool = False
    last_alert_s: float = 0.0


class Decision:
    """Listens to the scores of one stream."""

    def __init__(
        self,
        settings: DecisionSettings,
        thresholds: Thresholds,
        hop_s: float = 1.0,
        new_episode_id: Callable[[], str] = lambda: uuid4().hex,
    ) -> None:
        self._settings = settings
        self._thresholds = thresholds
        self._hop_s = hop_s
        self._new_episode_id = new_episode_id
        self._recent: deque[Scores] = deque()
        self._episode: _Episode | None = None
        self._last_distress_s = float("-inf")
        self._last_soothing_s = float("-inf")
        self.state = State.QUIET

    @property
    def episode_id(self) -> str | None:
        """The episode under way, announced or not."""
        return self._episode.id if self._episode else None

    def push(self, scores: Scores) -> list[Event]:
        """What there is to say after this window; most often nothing."""
        now = scores.end_s
        self._recent.append(scores)
        while self._recent[0].end_s <= now - self._settings.within_s:
            self._recent.popleft()
        if self._is_cry(scores) or self._is_soothing(scores):
            self._last_distress_s = now
        soothing = self._seconds(self._is_soothing) >= self._settings.soothing_s
        if soothing:
            self._last_soothing_s = now
        crying = self._seconds(self._is_cry) >= self._settings.cry_s

        match self.state:
            case State.QUIET | State.FUSSING:
                return self._while_calm(scores, crying, soothing)
            case State.CRYING:
                return self._while_crying(scores, soothing)
            case State.SOOTHED:
                return self._while_soothed(scores, crying)

    def _while_calm(self, scores: Scores, crying: bool, soothing: bool) -> list[Event]:
        if soothing:
            self.state = State.SOOTHED
            self._episode = self._begin(self._is_soothing)
            self._episode.soothed_since_s = scores.end_s
            return []
        if crying:
            self._episode = self._begin(self._is_cry)
            return [self._alert(scores, EventKind.CRY_STARTED)]
        distress = 1 - scores.probabilities["none"] > 0.5
        self.state = State.FUSSING if distress else State.QUIET
        return []

    def _while_crying(self, scores: Scores, soothing: bool) -> list[Event]:
        episode = self._current()
        now = scores.end_s
        if soothing:
            self.state = State.SOOTHED
            episode.soothed_since_s = now
            why = f"somebody has been soothing for {self._seconds(self._is_soothing):.0f} s"
            return [self._event(scores, EventKind.CRY_SOOTHED, self._is_soothing, why)]
        if now - self._last_distress_s >= self._settings.quiet_s:
            return self._end(scores)
        if now - episode.last_alert_s >= self._settings.reminder_every_s and self._is_cry(scores):
            return [self._alert(scores, EventKind.CRY_REMINDER)]
        return []

    def _while_soothed(self, scores: Scores, crying: bool) -> list[Event]:
        episode = self._current()
        now = scores.end_s
        if now - self._last_distress_s >= self._settings.quiet_s:
            return self._end(scores)
        if crying and now - self._last_soothing_s >= self._settings.soothing_hold_s:
            kind = EventKind.CRY_RESUMED if episode.announced else EventKind.CRY_STARTED
            return [self._alert(scores, kind)]
        assert episode.soothed_since_s is not None
        soothed_s = now - episode.soothed_since_s
        if soothed_s >= self._settings.soothing_limit_s and not episode.soothing_long_told:
            episode.soothing_long_told = True
            why = f"somebody is there, but the baby has been crying for {soothed_s / 60:.0f} minutes"
            return [self._event(scores, EventKind.SOOTHING_LONG, self._is_soothing, why)]
        return []

    def _alert(self, scores: Scores, kind: EventKind) -> Event:
        episode = self._current()
        self.state = State.CRYING
        episode.announced = True
        episode.last_alert_s = scores.end_s
        crying_s = scores.end_s - episode.onset_s
        why = {
            EventKind.CRY_STARTED: f"crying for {crying_s:.0f} s and nobody heard soothing",
            EventKind.CRY_REMINDER: f"still crying after {crying_s:.0f} s and nobody heard soothing",
            EventKind.CRY_RESUMED: f"no soothing for {scores.end_s - self._last_soothing_s:.0f} s, the crying goes on",
        }[kind]
        return self._event(scores, kind, self._is_cry, why)

    def _end(self, scores: Scores) -> list[Event]:
        episode = self._current()
        lasted_s = self._last_distress_s - episode.onset_s
        why = f"no crying for {self._settings.quiet_s:.0f} s; it lasted {lasted_s:.0f} s"
        ended = self._event(scores, EventKind.CRY_ENDED, lambda _: True, why)
        self._episode = None
        self.state = State.QUIET
        return [ended] if episode.announced else []

    def _begin(self, heard: Callable[[Scores], bool]) -> _Episode:
        """An episode whose onset is the first of the windows heard, less the half of it that tipped the scale."""
        first = next(scores for scores in self._recent if heard(scores))
        return _Episode(self._new_episode_id(), max(0.0, first.end_s - 2.5))

    def _event(self, scores: Scores, kind: EventKind, heard: Callable[[Scores], bool], why: str) -> Event:
        episode = self._current()
        label = {EventKind.CRY_SOOTHED: "soothed-crying", EventKind.SOOTHING_LONG: "soothed-crying"}
        named = scores.label if kind is EventKind.CRY_ENDED else label.get(kind, "crying")
        evidence = [each.probabilities[named] for each in self._recent if heard(each)] or [scores.probabilities[named]]
        return Event(kind, episode.id, named, episode.onset_s, scores.end_s, sum(evidence) / len(evidence), why)

    def _current(self) -> _Episode:
        assert self._episode is not None
        return self._episode

    def _seconds(self, heard: Callable[[Scores], bool]) -> float:
        """Seconds of the stream, within `within_s`, whose windows were heard so."""
        return self._hop_s * sum(map(heard, self._recent))

    def _is_cry(self, scores: Scores) -> bool:
        return scores.probabilities["crying"] >= self._thresholds.cry

    def _is_soothing(self, scores: Scores) -> bool:
        return scores.probabilities["soothed-crying"] >= self._thresholds.soothing
