"""State machine that decides which list of phones to notify, how often, and when to stop.

Pure: messages and times go in, notifications come out. Each speaker has at most one open episode:

              rings                             acknowledged
    (none) ----------> RINGING ------------------------------------> ANSWERED
                       ^  |  `-- repeats every `repeat_every_s`; after       |
      crying goes on,  |  |      `escalate_after_s` without an answer,       | soothing stopped,
      soothing stopped |  v      the second list as well                     | crying goes on: RINGING
                       CALM (soothing, or the speaker is snoozed) <----------'

and (none) again when the crying ends, or when a ringing speaker sends nothing for `give_up_after_s`.

An event is fast and a heartbeat is reliable. A cry that only heartbeats report, because its event was lost or came late
after the broker was down, rings too. An episode that the heartbeat no longer names has ended.
"""

from dataclasses import replace

from edge.companion.alerting.notifications import Notification, Reason, Tier
from edge.companion.alerting.open_episode import OpenEpisode, Phase
from edge.companion.mqtt.messages import EventMessage, Heartbeat
from edge.config.companion import EscalationSettings
from edge.records import EventKind, State

_STARTING_S = 20.0
"""A speaker with less uptime may not yet have detected that the baby still cries."""


class Escalation:
    """Open episodes of all speakers and the notifications that they cause."""

    def __init__(self, settings: EscalationSettings) -> None:
        self._settings = settings
        self._episodes: dict[str, OpenEpisode] = {}
        self._last_ended: dict[str, str] = {}
        """Id of each speaker's last episode that has ended."""
        self._last_late: dict[str, str] = {}
        """Id of each speaker's last episode with a late notification."""
        self._last_ring_s: dict[str, float] = {}
        self._muted: dict[str, bool] = {}

    def on_event(self, event: EventMessage, now_s: float) -> list[Notification]:
        """Apply an event that has not come before; return the notifications that it causes."""
        if event.test or self._last_ended.get(event.device) == event.episode_id:
            return []
        episode = self._episodes.get(event.device)
        if episode is None or episode.id != event.episode_id:
            if event.late:
                return self._late_notice(event)
            if not event.rings:
                return self._soothing_notice(event)
            self._end(event.device)
            episode = self._episodes[event.device] = OpenEpisode(event.episode_id, now_s)
        episode.confirmed_s, episode.last_event_at, episode.onset = now_s, event.at, event.onset
        return self._apply(event, episode, now_s)

    def on_heartbeat(self, heartbeat: Heartbeat, now_s: float) -> list[Notification]:
        """Apply a heartbeat; return the notifications that it causes.

        A retained heartbeat changes no state, nor does one of a speaker that has just started and names no episode.
        """
        device = heartbeat.device
        if not heartbeat.live or (heartbeat.episode_id is None and heartbeat.uptime_s < _STARTING_S):
            return []
        self._muted[device] = muted = heartbeat.snoozed or not heartbeat.alerts
        is_crying = heartbeat.state == State.CRYING and not muted
        episode = self._episodes.get(device)
        if episode is not None and episode.is_ahead_of(heartbeat):
            return []
        ended = self._end_other_episode(heartbeat)
        episode = self._find_or_open_episode(heartbeat, is_crying, now_s)
        if episode is None:
            return ended
        episode.confirmed_s = now_s
        if heartbeat.acknowledged == episode.id:
            return ended + self._confirm_answer(device, episode)
        return ended + self._watch_for_missed_event(device, episode, is_crying, now_s)

    def on_acknowledged(self, device: str, episode_id: str) -> list[Notification]:
        """Stop ringing for this episode, unless the crying goes on after soothing; return quiet notifications."""
        episode = self._episodes.get(device)
        if episode is None or episode.id != episode_id or episode.phase is Phase.ANSWERED:
            return []
        episode.stop_alert(Phase.ANSWERED)
        return self._follow_up(device, episode, Reason.ANSWERED, "somebody is going")

    def step(self, now_s: float) -> list[Notification]:
        """Return the notifications that are due at this time: repeats, and those to the second list."""
        return [
            notification
            for device, episode in list(self._episodes.items())
            for notification in self._ring_if_due(device, episode, now_s)
        ]

    def _apply(self, event: EventMessage, episode: OpenEpisode, now_s: float) -> list[Notification]:
        match event.kind:
            case EventKind.CRY_ENDED | EventKind.CRY_SOOTHED:
                episode.stop_alert()
                if event.kind == EventKind.CRY_ENDED:
                    self._end(event.device)
                return self._follow_up(event.device, episode, event.kind, event.why)
            case _ if event.muted is not None:
                if episode.phase is Phase.RINGING:
                    episode.stop_alert()
                return []
            case _ if not event.rings:
                return self._soothing_notice(event)
            case EventKind.CRY_REMINDER | EventKind.CRY_STARTED if episode.phase is Phase.ANSWERED:
                return []  # the speaker sent it before it received the acknowledgement
            case _ if event.late:
                return []
        episode.why = event.why
        if episode.phase is not Phase.RINGING:
            episode.start_alert(now_s)
            episode.reason = event.kind
        elif now_s >= episode.next_ring_s - self._settings.repeat_every_s / 2:  # a reminder takes a repeat's place
            episode.next_ring_s = now_s
        return self._ring_if_due(event.device, episode, now_s)

    def _end_other_episode(self, heartbeat: Heartbeat) -> list[Notification]:
        """End the open episode if the heartbeat names another one or none.

        The episode's own CRY_ENDED may still come, or be lost.
        """
        episode = self._episodes.get(heartbeat.device)
        if episode is None or episode.id == heartbeat.episode_id:
            return []
        self._end(heartbeat.device)
        return self._follow_up(heartbeat.device, episode, EventKind.CRY_ENDED, "no crying any more")

    def _find_or_open_episode(self, heartbeat: Heartbeat, is_crying: bool, now_s: float) -> OpenEpisode | None:
        """Return the heartbeat's episode; open it if the baby cries and the episode has not ended before."""
        device, episode_id = heartbeat.device, heartbeat.episode_id
        if device not in self._episodes:
            if episode_id is None or episode_id == self._last_ended.get(device) or not is_crying:
                return None
            self._episodes[device] = OpenEpisode(episode_id, now_s)
        return self._episodes[device]

    def _confirm_answer(self, device: str, episode: OpenEpisode) -> list[Notification]:
        notifications = self.on_acknowledged(device, episode.id)
        episode.answer_confirmed = True
        return notifications

    def _watch_for_missed_event(
        self, device: str, episode: OpenEpisode, is_crying: bool, now_s: float
    ) -> list[Notification]:
        """Measure how long heartbeats have reported crying without an alert; ring after ``heartbeat_grace_s``."""
        if (episode.phase is Phase.RINGING and not is_crying) or episode.answer_confirmed:
            episode.stop_alert()
        if episode.phase is not Phase.CALM or not is_crying:
            episode.crying_since_s = None
        elif episode.crying_since_s is None:
            episode.crying_since_s = now_s
        return self._ring_if_due(device, episode, now_s)

    def _ring_if_due(self, device: str, episode: OpenEpisode, now_s: float) -> list[Notification]:
        since_s = episode.crying_since_s
        if since_s is not None and now_s - since_s >= self._settings.heartbeat_grace_s:
            episode.start_alert(now_s)
            episode.why, episode.reason = "its heartbeat tells of crying", Reason.HEARTBEAT
        if episode.phase is not Phase.RINGING:
            return []
        if now_s - episode.confirmed_s > self._settings.give_up_after_s:
            del self._episodes[device]
            return []
        unanswered_s = now_s - episode.alert_s
        if not episode.escalated and unanswered_s >= self._settings.escalate_after_s:
            episode.escalated = True
            episode.next_ring_s = now_s
        pause_over_s = self._last_ring_s.get(device, float("-inf")) + self._settings.pause_s
        if now_s < max(episode.next_ring_s, pause_over_s):
            return []
        notification = Notification(
            device, episode.id, Tier.FIRST, episode.reason, True, episode.why, episode.onset, unanswered_s
        )
        self._last_ring_s[device] = now_s
        episode.next_ring_s = now_s + self._settings.repeat_every_s
        episode.follow_up_due, episode.reason = True, Reason.UNANSWERED
        return self._to_tiers(notification, episode)

    def _follow_up(self, device: str, episode: OpenEpisode, reason: str, why: str) -> list[Notification]:
        """Return a quiet notification for the phones that have rung since the last one."""
        if not episode.follow_up_due:
            return []
        episode.follow_up_due = False
        return self._to_tiers(Notification(device, episode.id, Tier.FIRST, reason, False, why, episode.onset), episode)

    def _to_tiers(self, notification: Notification, episode: OpenEpisode) -> list[Notification]:
        return [notification, replace(notification, tier=Tier.SECOND)] if episode.escalated else [notification]

    def _soothing_notice(self, event: EventMessage) -> list[Notification]:
        if event.kind != EventKind.SOOTHING_LONG or self._muted.get(event.device, False):
            return []
        return [_quiet_notification(event)]

    def _late_notice(self, event: EventMessage) -> list[Notification]:
        """Return a quiet notification of past crying, once an episode."""
        if not event.rings or self._last_late.get(event.device) == event.episode_id:
            return []
        self._last_late[event.device] = event.episode_id
        return [_quiet_notification(event)]

    def _end(self, device: str) -> None:
        if episode := self._episodes.pop(device, None):
            self._last_ended[device] = episode.id


def _quiet_notification(event: EventMessage) -> Notification:
    return Notification(
        event.device, event.episode_id, Tier.FIRST, event.kind, False, event.why, event.onset, late=event.late
    )
