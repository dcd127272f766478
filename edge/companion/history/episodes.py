"""Episodes of crying, built from their events and the parents' answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from edge.companion.mqtt.messages import EventMessage


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode of crying with its events and answers."""

    device: str
    id: str
    onset: datetime
    """Onset of the crying, UTC."""
    ended: datetime | None
    """UTC; None while it goes on, or where the event of its end was lost."""
    events: tuple[EventMessage, ...]
    """Oldest first; at least one."""
    answers: tuple[tuple[str, datetime], ...]
    """``acknowledged`` or a verdict, with its time, UTC; oldest first."""

    @property
    def has_rung(self) -> bool:
        """Whether any of its events rang."""
        return any(event.rings for event in self.events)


def build_episodes(events: Iterable[EventMessage], answers: Iterable[tuple[str, str, datetime]]) -> tuple[Episode, ...]:
    """Build the episodes of one speaker.

    ``events`` and ``answers``, which are (episode id, answer, time), are sorted, the oldest first.
    """
    by_episode: dict[str, list[EventMessage]] = {}
    for event in events:
        by_episode.setdefault(event.episode_id, []).append(event)
    answers_by_episode: dict[str, list[tuple[str, datetime]]] = {}
    for episode_id, answer, at in answers:
        answers_by_episode.setdefault(episode_id, []).append((answer, at))
    return tuple(
        Episode(
            device=episode_events[0].device,
            id=episode_id,
            onset=min(event.onset for event in episode_events),
            ended=next((event.at for event in episode_events if event.kind == "cry_ended"), None),
            events=tuple(episode_events),
            answers=tuple(answers_by_episode.get(episode_id, ())),
        )
        for episode_id, episode_events in by_episode.items()
    )
