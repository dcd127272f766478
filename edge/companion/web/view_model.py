"""View model of the live page: the JSON that describes one speaker to a parent.

The page shows no outdated state. For a speaker without sound, offline or without heartbeats, the JSON has a warning,
and its state (``mood``) and level are null.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from edge.companion.history.episodes import Episode
from edge.companion.mqtt.speaker_registry import DeviceView
from edge.detection.decision_settings import Sensitivity
from edge.protocol.messages import iso
from edge.records import MicrophoneState, State

_HEADLINES = {
    State.QUIET: "Quiet",
    State.FUSSING: "Fussing",
    State.CRYING: "Crying, nobody is there",
    State.SOOTHED: "Crying, somebody is there",
}
_LEVELS = ((-60.0, "very quiet"), (-45.0, "quiet"), (-30.0, "some sound"), (math.inf, "loud"))
"""Words for levels below these dBFS."""
_FAINTEST_DBFS = -80.0


def live_view(
    view: DeviceView, episodes: Sequence[Episode], utc: datetime, *, reachable: bool = True
) -> dict[str, Any]:
    """Build the JSON of one speaker.

    ``episodes`` are its latest, oldest first. ``reachable`` states whether the broker can be reached.
    """
    latest = episodes[-1] if episodes else None
    state: Mapping[str, Any] = view.state or {}
    warning = _warning(view, utc) if reachable else "Nobody knows: the broker cannot be reached."
    shown_state = None if warning else state.get("state")
    episode_id = state.get("episode_id") or (latest and latest.id)
    is_going = episode_id is not None and state.get("acknowledged") == episode_id
    crying = shown_state in (State.CRYING, State.SOOTHED)
    return {
        "device": view.device,
        "warning": warning,
        "mood": shown_state,
        "headline": _headline(shown_state, is_going=is_going),
        "since": _since(shown_state, latest, episode_id),
        "why": latest.events[-1].why if crying and latest and latest.id == episode_id else None,
        "level": None if warning else _level(state.get("level_dbfs")),
        "under_way": crying,
        "episode": episode_id,
        "going": is_going,
        "answered": [answer for answer, _ in latest.answers] if latest and latest.id == episode_id else [],
        "alerts": state.get("alerts") is not False,
        "snoozed_until": state.get("snoozed_until"),
        "sensitivity": state.get("sensitivity") if state.get("sensitivity") in list(Sensitivity) else None,
        "model": state.get("model"),
    }


def _warning(view: DeviceView, utc: datetime) -> str | None:
    """Return why this speaker cannot be relied on now, or None where it can."""
    if not view.online:
        return f"{view.device} is gone: it is switched off, or has lost its network. Nobody listens there."
    if not view.listening:
        microphone = (view.health or {}).get("microphone", {})
        if microphone.get("state") == MicrophoneState.STARTING:
            return f"{view.device} is starting, and hears nothing yet."
        return f"{view.device} hears nothing: {microphone.get('detail') or 'its microphone does not work'}."
    if view.last_heard is None:
        return f"{view.device} has not been heard of yet: waiting for its heartbeat."
    if utc - view.last_heard > view.silent_after:
        return f"{view.device} has said nothing for {(utc - view.last_heard).total_seconds():.0f} s."
    return view.alarm


def _headline(shown_state: object, *, is_going: bool) -> str:
    if shown_state == State.CRYING and is_going:
        return "Crying, somebody is going"
    return next((words for state, words in _HEADLINES.items() if state == shown_state), "Not known")


def _since(shown_state: object, latest: Episode | None, episode_id: object) -> str | None:
    """Return the start of the current state, as far as events show it."""
    if latest is None or (shown_state != State.QUIET and latest.id != episode_id):
        return None
    since = {State.QUIET: latest.ended, State.CRYING: latest.onset, State.SOOTHED: latest.events[-1].at}
    known = next((at for state, at in since.items() if state == shown_state), None)
    return None if known is None else iso(known)


def _level(dbfs: object) -> dict[str, Any] | None:
    if isinstance(dbfs, bool) or not isinstance(dbfs, int | float) or not math.isfinite(dbfs):
        return None
    share = min(1.0, max(0.0, 1.0 - dbfs / _FAINTEST_DBFS))
    return {"share": round(share, 3), "words": next(words for below, words in _LEVELS if dbfs < below)}
