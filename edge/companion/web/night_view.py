"""View model of the last nights: each a line from noon to noon, so that no night is cut in two.

Positions are shares of the line, 0 to 1. A day on which the clocks are changed has 23 or 25 hours, and its line is as
long as the others.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from edge.companion.history.episodes import Episode
from edge.companion.history.journal import ACKNOWLEDGED, Gap
from edge.protocol.messages import iso
from edge.records import EventKind

NIGHTS = 7
_MAX_EPISODES = 200
"""Number of episodes in the list; the lines contain all."""
_NOON = time(12)
_KIND_AFTER = {
    EventKind.CRY_STARTED: "crying",
    EventKind.CRY_RESUMED: "crying",
    EventKind.CRY_SOOTHED: "soothed",
    EventKind.CRY_ENDED: None,
}
"""Kind of span that an event begins, None for none; other events begin no span."""


_DRAWING_ORDER = ("gap", "false_alarm", "soothed", "crying")
"""Later kinds are drawn over earlier ones, so that no other span hides a minute of crying alone."""


@dataclass(frozen=True, slots=True)
class NightSpan:
    """A span of time in a night."""

    kind: str
    """``crying``, ``soothed``, ``false_alarm`` or ``gap`` (not monitored)."""
    began: datetime
    ended: datetime


def first_noon(utc: datetime, zone: ZoneInfo) -> datetime:
    """Return the start of the first of the last nights, UTC."""
    return _noon(_evening(utc, zone) - timedelta(days=NIGHTS - 1), zone)


def nights_view(
    episodes: Sequence[Episode], gaps: Iterable[Gap], utc: datetime, zone: ZoneInfo, *, under_way: object = None
) -> dict[str, Any]:
    """Build the JSON of nights and episodes, the latest first; the episode ``under_way`` lasts until ``utc``."""
    spans = [span for each in episodes for span in _episode_spans(each, utc if each.id == under_way else None)]
    spans += _gap_spans(gaps, utc)
    evenings = (_evening(utc, zone) - timedelta(days=ago) for ago in range(NIGHTS))
    return {
        "nights": [_night_json(evening, spans, zone) for evening in evenings],
        "episodes": [_episode_json(episode) for episode in reversed(episodes[-_MAX_EPISODES:])],
    }


def _gap_spans(gaps: Iterable[Gap], utc: datetime) -> list[NightSpan]:
    """Merge overlapping gaps: broker, speaker and companion may have been away at the same time."""
    spans: list[NightSpan] = []
    for gap in sorted(gaps, key=lambda gap: gap.began):
        ended = max(gap.began, gap.ended or utc)
        if spans and gap.began <= spans[-1].ended:
            spans[-1] = replace(spans[-1], ended=max(spans[-1].ended, ended))
        else:
            spans.append(NightSpan("gap", gap.began, ended))
    return spans


def _evening(utc: datetime, zone: ZoneInfo) -> date:
    """Return the local date on which the night of this time began."""
    local = utc.astimezone(zone)
    return local.date() if local.time() >= _NOON else local.date() - timedelta(days=1)


def _noon(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, _NOON, zone).astimezone(UTC)


def _night_json(evening: date, spans: Iterable[NightSpan], zone: ZoneInfo) -> dict[str, Any]:
    began, ended = _noon(evening, zone), _noon(evening + timedelta(days=1), zone)
    inside = [
        NightSpan(span.kind, max(span.began, began), min(span.ended, ended))
        for span in sorted(spans, key=lambda span: _DRAWING_ORDER.index(span.kind))
        if span.began < ended and span.ended >= began
    ]
    hours = [datetime.combine(evening + timedelta(days=hour // 24), time(hour % 24), zone) for hour in (18, 24, 30)]
    return {
        "evening": evening.isoformat(),
        "hours": [[hour.hour, _share(hour.astimezone(UTC), began, ended)] for hour in hours],
        "spans": [
            {**asdict(span), "began": _share(span.began, began, ended), "ended": _share(span.ended, began, ended)}
            for span in inside
        ],
        "short": "not watched" if NightSpan("gap", began, ended) in inside else _short_summary(inside),
        "summary": _summary(inside),
    }


def _share(at: datetime, began: datetime, ended: datetime) -> float:
    return round((at - began) / (ended - began), 4)


def _minutes_by_kind(spans: Iterable[NightSpan]) -> dict[str, int]:
    """Return the minutes of each kind, at least 1 for a kind that occurs."""
    seconds: dict[str, float] = {}
    for span in spans:
        seconds[span.kind] = seconds.get(span.kind, 0.0) + (span.ended - span.began).total_seconds()
    return {kind: max(1, round(total / 60)) for kind, total in seconds.items()}


def _short_summary(spans: Iterable[NightSpan]) -> str:
    minutes = _minutes_by_kind(spans)
    crying = minutes.get("crying", 0) + minutes.get("soothed", 0)
    cried = f"cried {crying // 60} h {crying % 60} min" if crying >= 60 else f"cried {crying} min"
    return ", ".join([cried if crying else "no crying", *(["not watched"] if "gap" in minutes else [])])


def _summary(spans: Iterable[NightSpan]) -> str:
    """Describe a night's line, for screen readers."""
    words = {"crying": "crying alone", "soothed": "soothed", "false_alarm": "false alarm", "gap": "not watched"}
    minutes = _minutes_by_kind(spans)
    return ", ".join(f"{minutes[kind]} min {word}" for kind, word in words.items() if kind in minutes) or "no crying"


def _episode_spans(episode: Episode, utc: datetime | None) -> Iterator[NightSpan]:
    """Yield an episode's spans; without an event of its end, it ends at ``utc`` or, where None, at its last event."""
    kind: str | None = "crying"
    began = episode.onset
    is_false = any(answer == "false_alarm" for answer, _ in episode.answers)
    for event in episode.events:
        next_kind = _KIND_AFTER.get(EventKind(event.kind), kind) if event.kind in list(EventKind) else kind
        if next_kind != kind:
            if kind is not None:
                yield NightSpan("false_alarm" if is_false else kind, began, max(began, event.at))
            kind, began = next_kind, event.at
    if kind is not None:
        yield NightSpan("false_alarm" if is_false else kind, began, max(began, utc or episode.events[-1].at))


def _episode_json(episode: Episode) -> dict[str, Any]:
    answers = [answer for answer, _ in episode.answers]
    first = next((event for event in episode.events if event.rings), episode.events[0])
    return {
        "id": episode.id,
        "onset": iso(episode.onset),
        "ended": episode.ended and iso(episode.ended),
        "why": first.why,
        "calls": sum(event.rings for event in episode.events),
        "muted": next((event.muted for event in episode.events if event.muted), None),
        "soothed": any(event.kind == EventKind.CRY_SOOTHED for event in episode.events),
        "going": ACKNOWLEDGED in answers,
        "verdict": next((answer for answer in reversed(answers) if answer != ACKNOWLEDGED), None),
    }
