"""Whether an event is news. Pure: the speaker's clock may be wrong, so its heartbeats tell how far it is off."""

from dataclasses import replace
from datetime import datetime, timedelta

from edge.companion.mqtt.messages import EventMessage, Heartbeat


class EventAge:
    """Knows every speaker's clock."""

    def __init__(self, late_after_s: float, history_after_s: float) -> None:
        self._late_after = timedelta(seconds=late_after_s)
        self._history_after = timedelta(seconds=history_after_s)
        self._behind: dict[str, timedelta] = {}

    def on_heartbeat(self, beat: Heartbeat, utc: datetime) -> None:
        """A heartbeat that has come at ``utc``; one that the broker had kept says nothing of the clock."""
        if beat.live:
            self._behind[beat.device] = utc - beat.utc

    def with_age(self, event: EventMessage, utc: datetime) -> EventMessage:
        """The event, marked late where it has been on its way for too long.

        Until a heartbeat has come, the clocks are taken to agree. Where they do not, crying that still goes on
        rings by its heartbeat.
        """
        return replace(event, late=True) if self._age(event, utc) > self._late_after else event

    def is_history(self, event: EventMessage, utc: datetime) -> bool:
        """Whether it is too old to be told at all: the broker kept a night for a companion that was not there."""
        return self._age(event, utc) > self._history_after

    def _age(self, event: EventMessage, utc: datetime) -> timedelta:
        return utc - self._behind.get(event.device, timedelta()) - event.at
