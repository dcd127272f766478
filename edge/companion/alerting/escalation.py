"""Whom to call, how often, and when to stop. Pure: what the speakers say and the time go in, calls come out.

Each speaker has one episode at a time:

              rings                              a parent is going
    (none) ----------> RINGING ------------------------------------> ANSWERED
                       ^  |  `-- every `repeat_every_s` again; nobody        |
      cries on, nobody |  |      answers for `escalate_after_s`: to the      | soothing stopped,
      soothes any more |  v      second list, too                            | cries on: RINGING
                       CALM (somebody soothes, or the speaker is snoozed) <--'

    and (none) again when it is quiet, or, of one that rings, nothing was heard for `give_up_after_s`.

An event is the fast word, the heartbeat the sure one. A cry of which only heartbeats tell (its event was lost, or came
late after the broker was down) rings too; an episode of which the heartbeat no longer speaks is over.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from edge.companion.alerting.notifications import Notification, Reason, Tier
from edge.companion.mqtt.messages import EventMessage, Heartbeat
from edge.config.companion import EscalationSettings
from edge.records import EventKind, State

_OVERTAKEN = timedelta(minutes=1)
"""An event may overtake a heartbeat by seconds; by more, the speaker's clock was set back."""
_WAKING_S = 20.0
"""A speaker that started so recently may not have heard yet that the baby still cries."""


class _Phase(StrEnum):
    RINGING = "ringing"
    ANSWERED = "answered"
    CALM = "calm"


@dataclass(slots=True)
class _Episode:
    id: str
    heard_s: float
    """When the speaker last said that it goes on."""
    phase: _Phase = _Phase.CALM
    confirmed: bool = False
    """The speaker knows that somebody is going."""
    told_at: datetime | None = None
    """The last event's time, by the speaker's clock."""
    onset: datetime | None = None
    why: str = ""
    reason: str = Reason.HEARTBEAT
    alert_s: float = 0.0
    """Since when nobody has answered."""
    next_ring_s: float = 0.0
    escalated: bool = False
    news: bool = False
    """It has rung since the parents were last told something quietly."""
    crying_since_s: float | None = None
    """Since when heartbeats tell of crying that does not ring."""

    def alert(self, now_s: float) -> None:
        self.phase, self.crying_since_s, self.escalated = _Phase.RINGING, None, False
        self.alert_s = self.next_ring_s = now_s

    def overtook(self, beat: Heartbeat) -> bool:
        """Whether an event has come that was said after this heartbeat."""
        return self.told_at is not None and timedelta() <= self.told_at - beat.utc <= _OVERTAKEN

    def calm(self, phase: _Phase = _Phase.CALM) -> None:
        self.phase, self.crying_since_s, self.confirmed = phase, None, False


class Escalation:
    """Listens to all speakers."""

    def __init__(self, settings: EscalationSettings) -> None:
        self._settings = settings
        self._episodes: dict[str, _Episode] = {}
        self._over: dict[str, str] = {}
        """Each speaker's last episode that is over."""
        self._told_late: dict[str, str] = {}
        """Each speaker's last episode that was told as news of the past."""
        self._last_ring_s: dict[str, float] = {}
        self._muted: dict[str, bool] = {}

    def on_event(self, event: EventMessage, now_s: float) -> list[Notification]:
        """An event that has not come before."""
        if event.test or self._over.get(event.device) == event.episode_id:
            return []
        episode = self._episodes.get(event.device)
        if episode is None or episode.id != event.episode_id:
            if event.late:
                return self._late(event)
            if not event.rings:
                return self._information(event)
            self._end(event.device)
            episode = self._episodes[event.device] = _Episode(event.episode_id, now_s)
        episode.heard_s, episode.told_at, episode.onset = now_s, event.at, event.onset
        return self._news(event, episode, now_s)

    def on_heartbeat(self, beat: Heartbeat, now_s: float) -> list[Notification]:
        """A heartbeat. One that the broker had kept tells nothing of now, and one of a speaker that wakes not much."""
        if not beat.live or (beat.episode_id is None and beat.uptime_s < _WAKING_S):
            return []
        self._muted[beat.device] = muted = beat.snoozed or not beat.alerts
        episode = self._episodes.get(beat.device)
        if episode is not None and episode.overtook(beat):
            return []
        if episode is not None and episode.id != beat.episode_id:  # its own news may come after, or be lost
            self._end(beat.device)
            ended = self._quietly(beat.device, episode, EventKind.CRY_ENDED, "no crying any more")
            return ended + self.on_heartbeat(beat, now_s)
        crying = beat.state == State.CRYING and not muted
        if episode is None:
            if beat.episode_id is None or beat.episode_id == self._over.get(beat.device) or not crying:
                return []
            episode = self._episodes[beat.device] = _Episode(beat.episode_id, now_s)
        episode.heard_s = now_s
        if beat.acknowledged == episode.id:
            answered = self.on_acknowledged(beat.device, episode.id)
            episode.confirmed = True
            return answered
        if (episode.phase is _Phase.RINGING and not crying) or episode.confirmed:
            episode.calm()
        if episode.phase is not _Phase.CALM or not crying:
            episode.crying_since_s = None
        elif episode.crying_since_s is None:
            episode.crying_since_s = now_s
        return self._step(beat.device, episode, now_s)

    def on_acknowledged(self, device: str, episode_id: str) -> list[Notification]:
        """A parent is going: ring no more for this episode, unless soothing stops and the crying goes on."""
        episode = self._episodes.get(device)
        if episode is None or episode.id != episode_id or episode.phase is _Phase.ANSWERED:
            return []
        episode.calm(_Phase.ANSWERED)
        return self._quietly(device, episode, Reason.ANSWERED, "somebody is going")

    def step(self, now_s: float) -> list[Notification]:
        """What the time brings: repeats, the second list."""
        return [call for device, episode in list(self._episodes.items()) for call in self._step(device, episode, now_s)]

    def _news(self, event: EventMessage, episode: _Episode, now_s: float) -> list[Notification]:
        match event.kind:
            case EventKind.CRY_ENDED | EventKind.CRY_SOOTHED:
                episode.calm()
                if event.kind == EventKind.CRY_ENDED:
                    self._end(event.device)
                return self._quietly(event.device, episode, event.kind, event.why)
            case _ if event.muted is not None:
                if episode.phase is _Phase.RINGING:
                    episode.calm()
                return []
            case _ if not event.rings:
                return self._information(event)
            case EventKind.CRY_REMINDER | EventKind.CRY_STARTED if episode.phase is _Phase.ANSWERED:
                return []  # it was on its way when somebody answered
            case _ if event.late:
                return []
        episode.why = event.why
        if episode.phase is not _Phase.RINGING:
            episode.alert(now_s)
            episode.reason = event.kind
        elif now_s >= episode.next_ring_s - self._settings.repeat_every_s / 2:  # the speaker's reminder is our repeat
            episode.next_ring_s = now_s
        return self._step(event.device, episode, now_s)

    def _step(self, device: str, episode: _Episode, now_s: float) -> list[Notification]:
        since_s = episode.crying_since_s
        if since_s is not None and now_s - since_s >= self._settings.heartbeat_grace_s:
            episode.alert(now_s)
            episode.why, episode.reason = "its heartbeat tells of crying", Reason.HEARTBEAT
        if episode.phase is not _Phase.RINGING:
            return []
        if now_s - episode.heard_s > self._settings.give_up_after_s:
            del self._episodes[device]
            return []
        unanswered_s = now_s - episode.alert_s
        if not episode.escalated and unanswered_s >= self._settings.escalate_after_s:
            episode.escalated = True
            episode.next_ring_s = now_s
        pause_over_s = self._last_ring_s.get(device, float("-inf")) + self._settings.pause_s
        if now_s < max(episode.next_ring_s, pause_over_s):
            return []
        call = Notification(
            device, episode.id, Tier.FIRST, episode.reason, True, episode.why, episode.onset, unanswered_s
        )
        self._last_ring_s[device] = now_s
        episode.next_ring_s = now_s + self._settings.repeat_every_s
        episode.news, episode.reason = True, Reason.UNANSWERED
        return self._to_tiers(call, episode)

    def _quietly(self, device: str, episode: _Episode, reason: str, why: str) -> list[Notification]:
        """Tell those who were rung, once for each time they were."""
        if not episode.news:
            return []
        episode.news = False
        return self._to_tiers(Notification(device, episode.id, Tier.FIRST, reason, False, why, episode.onset), episode)

    def _to_tiers(self, call: Notification, episode: _Episode) -> list[Notification]:
        return [call, replace(call, tier=Tier.SECOND)] if episode.escalated else [call]

    def _information(self, event: EventMessage) -> list[Notification]:
        if event.kind != EventKind.SOOTHING_LONG or self._muted.get(event.device, False):
            return []
        return [_quiet(event)]

    def _late(self, event: EventMessage) -> list[Notification]:
        """News of the past, once an episode."""
        if not event.rings or self._told_late.get(event.device) == event.episode_id:
            return []
        self._told_late[event.device] = event.episode_id
        return [_quiet(event)]

    def _end(self, device: str) -> None:
        if episode := self._episodes.pop(device, None):
            self._over[device] = episode.id


def _quiet(event: EventMessage) -> Notification:
    return Notification(
        event.device, event.episode_id, Tier.FIRST, event.kind, False, event.why, event.onset, late=event.late
    )
