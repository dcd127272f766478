"""The companion's own alarms: a speaker that is gone or deaf, a broker that cannot be reached.

Pure: messages and the time go in, alarms come out: one when trouble lasts, one all-clear when it is over. While the
broker cannot be reached nothing is known of the speakers, so nothing is said of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edge.companion.alerting.notifications import Alarm
from edge.companion.mqtt.messages import Health, Heartbeat, MicrophoneMessage, SpeakerMessage, Status, TopicCleared
from edge.config.companion import MonitorSettings
from edge.protocol.messages import MISSED_BEATS
from edge.records import MicrophoneState

_FORGIVEN_S = 3_600.0
"""A speaker that was well for so long is no longer taken for an unsteady one."""
_MOST_PATIENCE = 32


@dataclass(slots=True)
class _Monitored:
    """Something that must be well: a speaker, or the broker."""

    last_well_s: float
    """When it was last known to be well, or is first given time to be."""
    last_ill_s: float
    """When it was last not."""
    alarm_after_s: float
    """Not well for this long, it raises an alarm."""
    offline: bool = False
    deaf: bool = False
    trouble_since_s: float | None = None
    """Since when it is known to be offline or deaf."""
    detail: str = ""
    """What its microphone says of itself."""
    alarmed: bool = False
    clear_factor: int = 1
    """Doubled at each alarm: the all-clear takes half as many times `clear_after_s`."""


class LivenessMonitor:
    """Watches over the broker (called None) and every speaker."""

    def __init__(
        self,
        settings: MonitorSettings,
        now_s: float,
        expected: Iterable[str] = (),
        alarmed: Iterable[str | None] = (),
        *,
        heartbeat_s: float,
    ) -> None:
        """``expected`` speakers are missed even if they were never heard of; those ``alarmed`` are known to be away.

        ``heartbeat_s`` is taken for that of a speaker that has not said its own.
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
        """The broker is reached (None), or why not."""
        if problem is None and self._broker.offline:
            for speaker in self._speakers.values():  # while it was away nobody could be well
                speaker.last_well_s = now_s
                speaker.trouble_since_s = None if speaker.trouble_since_s is None else now_s
        self._broker.offline = problem is not None
        self._problem = problem or ""

    def on_message(self, message: SpeakerMessage, now_s: float) -> None:
        """Anything a speaker says."""
        if isinstance(message, TopicCleared):
            if message.device not in self._expected:
                self._speakers.pop(message.device, None)
            return
        speaker = self._speaker(message.device, now_s)
        if isinstance(message, Heartbeat) and message.heartbeat_s is not None:  # so does one that the broker had kept
            speaker.alarm_after_s = self._patience_s(message.heartbeat_s)
        match message:
            case Status(online=online):
                speaker.offline = not online
            case MicrophoneMessage(listening=listening):
                speaker.deaf = not listening
            case Health(fields=fields):
                microphone: Mapping[str, object] = fields["microphone"]
                hears = microphone.get("state") in (MicrophoneState.LISTENING, MicrophoneState.STARTING)
                speaker.detail = "" if hears else str(microphone.get("detail", ""))
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
        """What is to be said now; most often nothing."""
        if not self._broker.offline:
            self._broker.last_well_s = now_s
        alarms = self._judged(None, self._broker, self._problem, now_s)
        if self._broker.offline:
            return alarms
        for device, speaker in self._speakers.items():
            alarms += self._judged(device, speaker, self._reason(speaker), now_s)
        return alarms

    def _judged(self, device: str | None, charge: _Monitored, reason: str, now_s: float) -> list[Alarm]:
        away_s = now_s - charge.last_well_s
        trouble_s = 0.0 if charge.trouble_since_s is None else now_s - charge.trouble_since_s
        if not charge.alarmed:
            if away_s >= charge.alarm_after_s or trouble_s >= self._settings.alarm_after_s:
                charge.alarmed, charge.last_ill_s = True, now_s
                charge.clear_factor = min(2 * charge.clear_factor, _MOST_PATIENCE)
                return [Alarm(device, reason, rings=not self._alerts_off.get(device or "", False))]
            if now_s - charge.last_ill_s > _FORGIVEN_S:
                charge.clear_factor = 1
        elif charge.offline or charge.deaf or away_s >= charge.alarm_after_s / 2:
            charge.last_ill_s = now_s
        elif charge.last_well_s - charge.last_ill_s >= self._settings.clear_after_s * charge.clear_factor / 2:
            charge.alarmed = False
            return [Alarm(device, None, rings=False)]
        return []

    def _reason(self, speaker: _Monitored) -> str:
        if speaker.offline:
            return "it is gone: its hushd has ended, or it has lost its power or its network"
        if speaker.deaf:
            return f"it is deaf: {speaker.detail or 'its microphone gives no sound'}"
        return f"it is gone: no heartbeat for {speaker.alarm_after_s:g} s"

    def _speaker(self, device: str, now_s: float) -> _Monitored:
        return self._speakers.setdefault(device, _Monitored(now_s, now_s, self._patience_s(self._heartbeat_s)))

    def _patience_s(self, heartbeat_s: float) -> float:
        return max(self._settings.alarm_after_s, MISSED_BEATS * heartbeat_s)
