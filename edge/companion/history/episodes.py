"""Episodes of crying, put together from what was told of them and what the parents answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from edge.companion.mqtt.messages import EventMessage


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode of crying, put together from its events."""

    device: str
    id: str
    onset: datetime
    """When the crying began, UTC."""
    ended: datetime | None
    """When it was over; None while it goes on, or where the end was never heard of."""
    events: tuple[EventMessage, ...]
    """Oldest first; at least one."""
    answers: tuple[tuple[str, datetime], ...]
    """``acknowledged`` or a verdict, and when, UTC; oldest first."""

    @property
    def has_rung(self) -> bool:
        """Whether it called the parents."""
        return any(event.rings for event in self.events)


def build_episodes(events: Iterable[EventMessage], answers: Iterable[tuple[str, str, datetime]]) -> tuple[Episode, ...]:
    """The episodes of one speaker; events and answers, as (episode, answer, when), come oldest first."""
    by_episode: dict[str, list[EventMessage]] = {}
    for event in events:
        by_episode.setdefault(event.episode_id, []).append(event)
    answered: dict[str, list[tuple[str, datetime]]] = {}
    for episode_id, answer, at in answers:
        answered.setdefault(episode_id, []).append((answer, at))
    return tuple(
        Episode(
            device=told[0].device,
            id=episode_id,
            onset=min(event.onset for event in told),
            ended=next((event.at for event in told if event.kind == "cry_ended"), None),
            events=tuple(told),
            answers=tuple(answered.get(episode_id, ())),
        )
        for episode_id, told in by_episode.items()
    )
