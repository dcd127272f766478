r"""When to call the parents: scores in, events out, in words a parent knows.

Pure: no clock, no I/O; time is the stream time of the scores.

Two questions are asked. Is there crying, soothed or not? Evidence for it is gathered (see ``evidence``); at ``cry_s``
there is crying. And is somebody there? That is heard in the *share* of the crying of the last ``soothing_s`` that
sounds soothed, which pauses in an adult's speech do not bring down at once, and a few words from a television do not
bring up.

    QUIET, FUSSING --- crying ---> CRYING --- crying, soothed ---> SOOTHED
        ^  \                         ^ |                            | | ^
        |   `-- crying, soothed -----|-|----------------------------|-|-'
        |       (no alert)           `-|-- crying, and no soothing -' |
        |                              |   for the hold              |
        `-------- no crying for `quiet_s` ----------------------------'

An episode begins with the first crying and ends with `quiet_s` without. Crying that somebody soothes from the start
opens an episode silently; it becomes an alert only when the soothing stops and the crying goes on. The hold is
`soothing_hold_s`; before the first alert, no longer than from the first sound of soothing to the last. An episode of
which nothing was told ends without a word, too.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

from edge.detection.decision_settings import DecisionSettings, Thresholds
from edge.detection.decision_state import DecisionSnapshot, Episode
from edge.detection.evidence import Evidence
from edge.records import Event, EventKind, Scores, State

CRYING, SOOTHED = "crying", "soothed-crying"

HALF_WINDOW_S = 2.5
"""A window that has just become crying holds about this much of it."""
RELOAD_S = 6.0
"""Until a window is whole again after a reload: its 5 s, and what opening the microphone takes."""


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
        """Windows further apart than this have lost sound between them."""
        self._unbroken_since_s = 0.0
        """End of the first window after the last loss of sound."""
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
        """What there is to say after this window; most often nothing."""
        now = scores.end_s
        lost_s = now - self._recent[-1].end_s if self._recent else float("inf")
        if self._recent and lost_s >= self._may_pause_s:
            self._evidence.forget()  # sound was lost, and nobody knows what it held
        if lost_s >= 2 * self._hop_s:
            self._unbroken_since_s = now
        self._may_pause_s = 2 * self._hop_s
        self._recent.append(scores)
        while self._recent[0].end_s <= now - self._settings.soothing_s:
            self._recent.popleft()
        if self._is_cry(scores):
            self._last_cry_s = now
        self._evidence.gather(_cry(scores), self._thresholds.cry, now)
        crying = self._evidence.enough
        soothed = crying and self._soothed_share() >= self._thresholds.soothing
        if soothed:
            self._last_soothing_s = now

        match self.state:
            case State.QUIET | State.FUSSING:
                return self._while_calm(scores, crying, soothed)
            case State.CRYING:
                return self._while_crying(scores, soothed)
            case State.SOOTHED:
                return self._while_soothed(scores, crying and not soothed)

    def _while_calm(self, scores: Scores, crying: bool, soothed: bool) -> list[Event]:
        if crying:
            self._episode = self._begin()
        if soothed:
            self.state = State.SOOTHED
            self._current().soothed_since_s = scores.end_s
            return []
        if crying:
            return [self._alert(scores, EventKind.CRY_STARTED)]
        distress = 1 - scores.probabilities["none"] > 0.5
        self.state = State.FUSSING if distress else State.QUIET
        return []

    def _while_crying(self, scores: Scores, soothed: bool) -> list[Event]:
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

    def _while_soothed(self, scores: Scores, unsoothed: bool) -> list[Event]:
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
        """How long whoever soothes may pause: before the first alert no longer than from the first of it to the last.

        A cry that sounds soothed for a moment is no sign of anybody, and the alert would wait for the whole hold. Where
        sound was lost since, nobody knows how long the pause is.
        """
        lost = self._last_soothing_s < self._unbroken_since_s
        if episode.announced or episode.soothed_since_s is None or lost:
            return self._settings.soothing_hold_s
        heard_s = self._last_soothing_s - episode.soothed_since_s + self._hop_s
        return min(self._settings.soothing_hold_s, heard_s)

    def _alert(self, scores: Scores, kind: EventKind) -> Event:
        episode = self._current()
        self.state = State.CRYING
        episode.announced = True
        episode.last_alert_s = scores.end_s
        crying_s = scores.end_s - episode.onset_s
        nobody = "nobody is heard soothing"
        if episode.soothed_since_s is not None:
            nobody = f"no soothing for {scores.end_s - self._last_soothing_s:.0f} s"
        why = {
            EventKind.CRY_STARTED: f"crying for {crying_s:.0f} s, {nobody}",
            EventKind.CRY_REMINDER: f"still crying after {crying_s:.0f} s, {nobody}",
            EventKind.CRY_RESUMED: f"{nobody}, the crying goes on",
        }[kind]
        return self._event(scores, kind, CRYING, why)

    def _end(self, scores: Scores) -> list[Event]:
        episode = self._current()
        lasted_s = self._last_cry_s - episode.onset_s
        why = f"no crying for {self._settings.quiet_s:.0f} s; it lasted {lasted_s:.0f} s"
        ended = self._event(scores, EventKind.CRY_ENDED, scores.label, why)
        self._episode = None
        self._recent.clear()  # no window belongs to two episodes
        self._evidence.forget()
        self.state = State.QUIET
        return [ended] if episode.announced or episode.soothing_long_reported else []

    def _begin(self) -> Episode:
        """An episode whose onset is the end of the first window that spoke for it, less the half that tipped it."""
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
        """How much of the crying of the last `soothing_s` was heard as soothed, 0..1."""
        return sum(each.probabilities[SOOTHED] for each in self._recent) / max(sum(map(_cry, self._recent)), 1e-6)


def _cry(scores: Scores) -> float:
    """Probability of crying, soothed or not."""
    return scores.probabilities[CRYING] + scores.probabilities[SOOTHED]
