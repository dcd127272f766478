"""Calls and alarms in words a parent understands at three in the morning."""

from collections.abc import Mapping
from datetime import datetime

from edge.companion.alerting.notifications import Alarm, Notification, Reason
from edge.companion.push.queue import Push
from edge.companion.push.services import Urgency
from edge.records import EventKind

_RINGS: Mapping[str, str] = {
    EventKind.CRY_REMINDER: "The baby still cries",
    EventKind.CRY_RESUMED: "The baby cries again",
    Reason.UNANSWERED: "The baby still cries",
}
_QUIET: Mapping[str, str] = {
    EventKind.CRY_SOOTHED: "Somebody is soothing",
    EventKind.CRY_ENDED: "The baby is quiet again",
    EventKind.SOOTHING_LONG: "The baby cries on, somebody is there",
    Reason.ANSWERED: "Somebody is going",
}


def build_notification_push(call: Notification, page: str | None = None) -> Push:
    """One line to wake up to, and why. ``page`` is where it can be answered."""
    if call.late:
        title, body = f"Earlier: the baby cried ({call.device})", f"{call.why}. This message could not come in time."
    elif call.rings:
        title = f"{_RINGS.get(call.reason, 'The baby cries')} ({call.device})"
        minutes = int(call.unanswered_s // 60)
        body = f"{call.why}." + (f" Nobody has answered for {minutes} min." if minutes else "")
    else:
        title = f"{_QUIET.get(call.reason, call.reason)} ({call.device})"
        body = f"{call.why}."
    if call.since is not None:
        body += (
            f" Since {_format_time(call.since)}."
            if call.rings or call.late
            else f" It began at {_format_time(call.since)}."
        )
    if call.rings and page is not None:
        body += f" Answer: {page}"
    urgency = Urgency.RING if call.rings else Urgency.QUIET
    return Push(title, body, urgency, call.episode_id, again=call.rings and call.reason == Reason.UNANSWERED)


def build_alarm_push(alarm: Alarm) -> Push:
    """The monitor itself is in trouble, or well again."""
    who = alarm.device or "the broker"
    if alarm.problem is None:
        return Push(f"All is well again: {who}", "The monitor hears and can be heard.", Urgency.QUIET)
    urgency = Urgency.ALARM if alarm.rings else Urgency.QUIET
    return Push(f"You are not being watched over: {who}", f"{alarm.problem}. A cry would not be told.", urgency)


def build_test_push(device: str, test_id: str) -> Push:
    """Nobody cries, and everybody can see it."""
    body = "Nobody cries. Whoever reads this would have been called."
    return Push(f"Test of hushd ({device})", body, Urgency.RING, test=test_id)


def _format_time(at: datetime) -> str:
    return at.astimezone().strftime("%H:%M")
