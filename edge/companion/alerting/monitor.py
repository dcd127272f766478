"""Liveness monitor: alarms for a speaker that is offline or without sound, or an unreachable broker.

Pure: messages and times go in, alarms come out. Trouble that lasts gives one alarm, its end one all-clear. While the
broker cannot be reached, the state of the speakers is unknown, so their alarms wait.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edge.companion.alerting.notifications import Alarm
from edge.companion.mqtt.messages import Health, Heartbeat, MicrophoneMessage, SpeakerMessage, Status, TopicCleared
from edge.config.companion import MonitorSettings
from edge.protocol.heartbeat import HeartbeatPolicy
from edge.records import MicrophoneState

_STEADY_S = 3_600.0
"""After this long without trouble, a speaker counts as steady again."""
_MAX_CLEAR_FACTOR = 32


@dataclass(slots=True)
class _Monitored:
    """A speaker or the broker, with its times of being well and in trouble."""

    last_well_s: float
    """Last time at which it was well, or the start of its first time to become so."""
    last_ill_s: float
    """Last time at which it was in trouble."""
    alarm_after_s: float
    """Seconds without being well that raise an alarm."""
    offline: bool = False
    deaf: bool = False
    """Its microphone delivers no usable sound."""
    trouble_since_s: float | None = None
    """Time since which its messages report it offline or without sound; None while they report neither."""
    detail: str = ""
    """The microphone's own description of its trouble."""
    alarmed: bool = False
    clear_factor: int = 1
    """Doubled at each alarm; an all-clear takes half this many times `clear_after_s`."""


class LivenessMonitor:
    """Monitor of the broker (device None) and of every speaker."""

    def __init__(
        self,
        settings: MonitorSettings,
        now_s: float,
        expected: Iterable[str] = (),
        alarmed: Iterable[str | None] = (),
        *,
        heartbeat_s: float,
    ) -> None:
        """Start at ``now_s`` with the ``expected`` speakers.

        An expected speaker raises an alarm even where it never sends a message. For those in ``alarmed`` an alarm was
        raised before. ``heartbeat_s`` holds for a speaker whose messages lack its own interval.
        """
        self._settings = settings
        self._heartbeat_s = heartbeat_s
        self._broker = _Monitored(now_s, now_s, settings.alarm_after_s, offline=True)
        self._problem = "it has not been reached yet"
        self._expected = frozenset(expected)
        self._speakers: dict[str, _Monitored] = {}
        for name in self._expected:
            self._speaker(name, now_s)
        self._alerts_off: dict[str, bool] = {}
        for device in alarmed:
            (self._speaker(device, now_s) if device is not None else self._broker).alarmed = True

    def on_connection(self, problem: str | None, now_s: float) -> None:
        """Record that the broker is reached (None), or why it cannot be."""
        if problem is None and self._broker.offline:
            for speaker in self._speakers.values():  # without the broker, no message could show that it was well
                speaker.last_well_s = now_s
                speaker.trouble_since_s = None if speaker.trouble_since_s is None else now_s
        self._broker.offline = problem is not None
        self._problem = problem or ""

    def on_message(self, message: SpeakerMessage, now_s: float) -> None:
        """Update the speaker that has published this message."""
        if isinstance(message, TopicCleared):
            if message.device not in self._expected:
                self._speakers.pop(message.device, None)
            return
        speaker = self._speaker(message.device, now_s)
        if isinstance(message, Heartbeat) and message.heartbeat_s is not None:  # a retained one, too
            speaker.alarm_after_s = self._alarm_after_s(message.heartbeat_s)
        match message:
            case Status(online=online):
                speaker.offline = not online
            case MicrophoneMessage(listening=listening):
                speaker.deaf = not listening
            case Health(fields=fields):
                microphone: Mapping[str, object] = fields["microphone"]
                is_well = microphone.get("state") in (MicrophoneState.LISTENING, MicrophoneState.STARTING)
                speaker.detail = "" if is_well else str(microphone.get("detail", ""))
            case Heartbeat(live=True, alerts=alerts):
                self._alerts_off[message.device] = not alerts
                speaker.offline = False
                if not speaker.deaf:
                    speaker.last_well_s = now_s
        if not (speaker.offline or speaker.deaf):
            speaker.trouble_since_s = None
        elif speaker.trouble_since_s is None:
            speaker.trouble_since_s = now_s

    def step(self, now_s: float) -> list[Alarm]:
        """Return the alarms and all-clears that are due at this time."""
        if not self._broker.offline:
            self._broker.last_well_s = now_s
        alarms = self._update_alarm(None, self._broker, self._problem, now_s)
        if self._broker.offline:
            return alarms
        for device, speaker in self._speakers.items():
            alarms += self._update_alarm(device, speaker, self._describe_trouble(speaker), now_s)
        return alarms

    def _update_alarm(self, device: str | None, monitored: _Monitored, reason: str, now_s: float) -> list[Alarm]:
        away_s = now_s - monitored.last_well_s
        trouble_s = 0.0 if monitored.trouble_since_s is None else now_s - monitored.trouble_since_s
        if not monitored.alarmed:
            if away_s >= monitored.alarm_after_s or trouble_s >= self._settings.alarm_after_s:
                monitored.alarmed, monitored.last_ill_s = True, now_s
                monitored.clear_factor = min(2 * monitored.clear_factor, _MAX_CLEAR_FACTOR)
                return [Alarm(device, reason, rings=not self._alerts_off.get(device or "", False))]
            if now_s - monitored.last_ill_s > _STEADY_S:
                monitored.clear_factor = 1
        elif monitored.offline or monitored.deaf or away_s >= monitored.alarm_after_s / 2:
            monitored.last_ill_s = now_s
        elif monitored.last_well_s - monitored.last_ill_s >= self._settings.clear_after_s * monitored.clear_factor / 2:
            monitored.alarmed = False
            return [Alarm(device, None, rings=False)]
        return []

    def _describe_trouble(self, speaker: _Monitored) -> str:
        if speaker.offline:
            return "it is gone: its hushd has ended, or it has lost its power or its network"
        if speaker.deaf:
            return f"it is deaf: {speaker.detail or 'its microphone gives no sound'}"
        return f"it is gone: no heartbeat for {speaker.alarm_after_s:g} s"

    def _speaker(self, device: str, now_s: float) -> _Monitored:
        return self._speakers.setdefault(device, _Monitored(now_s, now_s, self._alarm_after_s(self._heartbeat_s)))

    def _alarm_after_s(self, heartbeat_s: float) -> float:
        return HeartbeatPolicy(heartbeat_s).alarm_after_s(self._settings.alarm_after_s)
