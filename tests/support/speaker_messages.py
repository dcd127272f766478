"""Messages of a speaker as the companion parses them, from a few words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from edge.companion.mqtt.messages import EventMessage, Heartbeat
from edge.records import EventKind

DUSK = datetime(2026, 1, 31, 20, 0, tzinfo=UTC)
_numbers = count(1)


def utc(at_s: float) -> datetime:
    """Return the UTC time ``at_s`` seconds after dusk."""
    return DUSK + timedelta(seconds=at_s)


def build_event(
    kind: str, at_s: float, episode: str = "a", *, device: str = "nursery", muted: bool = False, late: bool = False
) -> EventMessage:
    """Build an event."""
    rings = kind in ("cry_started", "cry_reminder", "cry_resumed")
    return EventMessage(
        device=device,
        id=f"{episode}:{next(_numbers)}",
        episode_id=episode,
        kind=EventKind(kind),
        onset=utc(at_s - 6),
        at=utc(at_s),
        confidence=0.9,
        why=f"why {kind}",
        rings=rings and not muted,
        muted="alerts off" if rings and muted else None,
        late=late,
    )


@dataclass(frozen=True, slots=True)
class AlertState:
    """Acknowledgement, alerts and snooze in a heartbeat."""

    acknowledged: str | None = None
    alerts: bool = True
    snoozed: bool = False


def build_heartbeat(
    state: str,
    at_s: float,
    episode: str | None = None,
    *,
    device: str = "nursery",
    alert_state: AlertState | None = None,
    live: bool = True,
    uptime_s: float = 3_600.0,
    heartbeat_s: float | None = 10.0,
) -> Heartbeat:
    """Build a heartbeat."""
    alert_state = alert_state or AlertState()
    fields: Mapping[str, Any] = {}
    flags = alert_state.acknowledged, alert_state.alerts, alert_state.snoozed
    return Heartbeat(device, live, utc(at_s), state, episode, *flags, uptime_s, heartbeat_s, fields)
