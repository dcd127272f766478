r"""When to call the parents: scores in, events out.

Pure: no clock, no I/O; time is the stream time of the scores.

The decision answers two questions. First, whether the baby cries, soothed or not: evidence accumulates (see
``evidence``), and ``cry_s`` of it is a cry. Second, whether an adult soothes: the *share* of the crying in the last
``soothing_s`` that sounds soothed decides. Pauses in an adult's speech lower this share slowly, and a few words from a
television do not raise it far.

    QUIET, FUSSING --- crying ---> CRYING --- crying, soothed ---> SOOTHED
        ^  \                         ^ |                            | | ^
        |   `-- crying, soothed -----|-|----------------------------|-|-'
        |       (no alert)           `-|-- crying, and no soothing -' |
        |                              |   for the hold              |
        `-------- no crying for `quiet_s` ----------------------------'

An episode begins with the first crying and ends after `quiet_s` without it. Crying that is soothed from the start opens
an episode silently. It becomes an alert only when the soothing stops and the crying goes on. The hold is
`soothing_hold_s`, but before the first alert at most the time from the first sound of soothing to the last. An episode
without any event ends without one, too.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

from edge.detection.decision_settings import DecisionSettings, Thresholds
from edge.detection.decision_state import DecisionSnapshot, Episode
from edge.detection.evidence import Evidence
from edge.records import SAMPLE_RATE, WINDOW_SAMPLES, Event, EventKind, Scores, State

CRYING, SOOTHED = "crying", "soothed-crying"

HALF_WINDOW_S = WINDOW_SAMPLES / SAMPLE_RATE / 2
"""Seconds of crying in a window that has just become crying: half a window."""
RELOAD_S = 6.0
"""Seconds until a window is complete after a reload: its 5 s, and the time to open the microphone."""
_DISTRESS_FROM = 0.5
"""Probability of any label but ``none`` above which the state without a cry is FUSSING."""


class Decision:
    """Decision over the scores of one stream."""

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
        self._episode: Episode | None = None
        self._evidence = Evidence(settings.cry_s, hop_s)
        self._may_pause_s = 2 * hop_s
        """Sound has been lost between windows that are at least this far apart, seconds."""
        self._unbroken_since_s = 0.0
        """End of the first window after the last loss of sound, stream seconds."""
        self._last_cry_s = float("-inf")
        self._last_soothing_s = float("-inf")
        self.state = State.QUIET

    @property
    def episode_id(self) -> str | None:
        """The episode under way, announced or not."""
        return self._episode.id if self._episode else None

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Use these from the next window on."""
        self._thresholds = thresholds

    def snapshot(self) -> DecisionSnapshot:
        """Return a copy of the state after the last window."""
        return DecisionSnapshot(
            state=self.state,
            episode=self._episode and replace(self._episode),
            last_cry_s=self._last_cry_s,
            last_soothing_s=self._last_soothing_s,
            judged_by=self._judged_by,
            recent=tuple(self._recent),
            evidence=self._evidence.copy(),
        )

    def restore(self, snapshot: DecisionSnapshot) -> None:
        """Continue the episode of a decision whose stream this one continues.

        The evidence of a cry counts on where settings, thresholds and hop are the same.
        """
        self.state, self._episode = snapshot.state, snapshot.episode and replace(snapshot.episode)
        self._last_cry_s, self._last_soothing_s = snapshot.last_cry_s, snapshot.last_soothing_s
        if snapshot.judged_by == self._judged_by:
            self._recent, self._evidence = deque(snapshot.recent), snapshot.evidence.copy()
            self._may_pause_s += RELOAD_S

    def push(self, scores: Scores) -> list[Event]:
        """Return the events after this window, usually an empty list."""
        now = scores.end_s
        since_last_s = now - self._recent[-1].end_s if self._recent else float("inf")
        if self._recent and since_last_s >= self._may_pause_s:
            self._evidence.reset()  # the lost sound may have been quiet
        if since_last_s >= 2 * self._hop_s:
            self._unbroken_since_s = now
        self._may_pause_s = 2 * self._hop_s
        self._recent.append(scores)
        while self._recent[0].end_s <= now - self._settings.soothing_s:
            self._recent.popleft()
        if self._is_cry(scores):
            self._last_cry_s = now
        self._evidence.add(_cry(scores), self._thresholds.cry, now)
        crying = self._evidence.is_enough
        soothed = crying and self._soothed_share() >= self._thresholds.soothing
        if soothed:
            self._last_soothing_s = now

        match self.state:
            case State.QUIET | State.FUSSING:
                return self._step_calm(scores, crying, soothed)
            case State.CRYING:
                return self._step_crying(scores, soothed)
            case State.SOOTHED:
                return self._step_soothed(scores, crying and not soothed)

    def _step_calm(self, scores: Scores, crying: bool, soothed: bool) -> list[Event]:
        if crying:
            self._episode = self._begin()
        if soothed:
            self.state = State.SOOTHED
            self._current().soothed_since_s = scores.end_s
            return []
        if crying:
            return [self._alert(scores, EventKind.CRY_STARTED)]
        is_distress = 1 - scores.probabilities["none"] > _DISTRESS_FROM
        self.state = State.FUSSING if is_distress else State.QUIET
        return []

    def _step_crying(self, scores: Scores, soothed: bool) -> list[Event]:
        episode = self._current()
        now = scores.end_s
        if soothed:
            self.state = State.SOOTHED
            episode.soothed_since_s = now
            why = f"somebody is soothing: heard in {self._soothed_share():.0%} of the crying"
            return [self._event(scores, EventKind.CRY_SOOTHED, SOOTHED, why)]
        if now - self._last_cry_s >= self._settings.quiet_s:
            return self._end(scores)
        if now - episode.last_alert_s >= self._settings.reminder_every_s and self._is_cry(scores):
            return [self._alert(scores, EventKind.CRY_REMINDER)]
        return []

    def _step_soothed(self, scores: Scores, unsoothed: bool) -> list[Event]:
        episode = self._current()
        now = scores.end_s
        if now - self._last_cry_s >= self._settings.quiet_s:
            return self._end(scores)
        if unsoothed and now - self._last_soothing_s >= self._hold_s(episode):
            kind = EventKind.CRY_RESUMED if episode.announced else EventKind.CRY_STARTED
            return [self._alert(scores, kind)]
        assert episode.soothed_since_s is not None
        soothed_s = now - episode.soothed_since_s
        if soothed_s >= self._settings.soothing_limit_s and not episode.soothing_long_reported:
            episode.soothing_long_reported = True
            why = f"somebody is there, but the baby has been crying for {soothed_s / 60:.0f} minutes"
            return [self._event(scores, EventKind.SOOTHING_LONG, SOOTHED, why)]
        return []

    def _hold_s(self, episode: Episode) -> float:
        """Return the seconds that soothing may pause; before the first alert, at most as long as it has lasted.

        A cry that sounds soothed for a moment does not prove an adult, and the alert would wait for the whole hold.
        Where sound has been lost since, the length of the pause is unknown, and the whole hold applies.
        """
        is_broken = self._last_soothing_s < self._unbroken_since_s
        if episode.announced or episode.soothed_since_s is None or is_broken:
            return self._settings.soothing_hold_s
        soothed_s = self._last_soothing_s - episode.soothed_since_s + self._hop_s
        return min(self._settings.soothing_hold_s, soothed_s)

    def _alert(self, scores: Scores, kind: EventKind) -> Event:
        episode = self._current()
        self.state = State.CRYING
        episode.announced = True
        episode.last_alert_s = scores.end_s
        crying_s = scores.end_s - episode.onset_s
        absence = "nobody is heard soothing"
        if episode.soothed_since_s is not None:
            absence = f"no soothing for {scores.end_s - self._last_soothing_s:.0f} s"
        why = {
            EventKind.CRY_STARTED: f"crying for {crying_s:.0f} s, {absence}",
            EventKind.CRY_REMINDER: f"still crying after {crying_s:.0f} s, {absence}",
            EventKind.CRY_RESUMED: f"{absence}, the crying goes on",
        }[kind]
        return self._event(scores, kind, CRYING, why)

    def _end(self, scores: Scores) -> list[Event]:
        episode = self._current()
        lasted_s = self._last_cry_s - episode.onset_s
        why = f"no crying for {self._settings.quiet_s:.0f} s; it lasted {lasted_s:.0f} s"
        ended = self._event(scores, EventKind.CRY_ENDED, scores.label, why)
        self._episode = None
        self._recent.clear()  # no window belongs to two episodes
        self._evidence.reset()
        self.state = State.QUIET
        return [ended] if episode.announced or episode.soothing_long_reported else []

    def _begin(self) -> Episode:
        """Return an episode whose onset is half a window before the end of the first window with evidence."""
        return Episode(self._new_episode_id(), max(0.0, self._evidence.rising_since_s - HALF_WINDOW_S))

    def _event(self, scores: Scores, kind: EventKind, label: str, why: str) -> Event:
        episode = self._current()
        evidence = [each for each in self._recent if self._is_cry(each)] or [scores]
        confidence = sum(each.probabilities[label] for each in evidence) / len(evidence)
        return Event(kind, episode.id, label, episode.onset_s, scores.end_s, confidence, why)

    @property
    def _judged_by(self) -> tuple[DecisionSettings, Thresholds, float]:
        return self._settings, self._thresholds, self._hop_s

    def _current(self) -> Episode:
        assert self._episode is not None
        return self._episode

    def _is_cry(self, scores: Scores) -> bool:
        return _cry(scores) >= self._thresholds.cry

    def _soothed_share(self) -> float:
        """Return the share of the crying of the last `soothing_s` that sounds soothed, 0..1."""
        return sum(each.probabilities[SOOTHED] for each in self._recent) / max(sum(map(_cry, self._recent)), 1e-6)


def _cry(scores: Scores) -> float:
    """Return the probability of crying, soothed or not."""
    return scores.probabilities[CRYING] + scores.probabilities[SOOTHED]
