"""Age of an event, corrected by the offset of the speaker's clock that its heartbeats show.

Pure: times are arguments.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from edge.companion.mqtt.messages import EventMessage, Heartbeat


class EventAge:
    """The clock offset of every speaker, and the limits beyond which an event is late or history."""

    def __init__(self, late_after_s: float, history_after_s: float) -> None:
        self._late_after = timedelta(seconds=late_after_s)
        self._history_after = timedelta(seconds=history_after_s)
        self._offsets: dict[str, timedelta] = {}

    def on_heartbeat(self, heartbeat: Heartbeat, utc: datetime) -> None:
        """Measure the speaker's clock offset from a heartbeat received at ``utc``; ignore a retained one."""
        if heartbeat.live:
            self._offsets[heartbeat.device] = utc - heartbeat.utc

    def with_age(self, event: EventMessage, utc: datetime) -> EventMessage:
        """Return the event, marked late where it has been on its way for too long.

        Until a heartbeat has come, the clocks count as equal. Where they are not, crying that goes on rings by its
        heartbeat.
        """
        return replace(event, late=True) if self._age(event, utc) > self._late_after else event

    def is_history(self, event: EventMessage, utc: datetime) -> bool:
        """Return whether the event is too old for a notification: the broker queued it while no companion ran."""
        return self._age(event, utc) > self._history_after

    def _age(self, event: EventMessage, utc: datetime) -> timedelta:
        return utc - self._offsets.get(event.device, timedelta()) - event.at
