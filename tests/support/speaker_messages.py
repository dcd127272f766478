"""A speaker in words: the messages it would send, as the companion reads them."""

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
    """The time of day, ``at_s`` seconds into a test."""
    return DUSK + timedelta(seconds=at_s)


def build_event(
    kind: str, at_s: float, episode: str = "a", *, device: str = "nursery", muted: bool = False, late: bool = False
) -> EventMessage:
    """An event."""
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
    """What the parents asked for."""

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
    """A heartbeat."""
    alert_state = alert_state or AlertState()
    fields: Mapping[str, Any] = {}
    wishes = alert_state.acknowledged, alert_state.alerts, alert_state.snoozed
    return Heartbeat(device, live, utc(at_s), state, episode, *wishes, uptime_s, heartbeat_s, fields)
