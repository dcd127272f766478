"""Texts of notifications and alarms, short enough for a parent who has just woken up."""

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


def build_notification_push(notification: Notification, page: str | None = None) -> Push:
    """Word a notification: one line, and the reason. ``page`` is the URL at which it can be answered."""
    device, why, rings = notification.device, notification.why, notification.rings
    if notification.late:
        title, body = f"Earlier: the baby cried ({device})", f"{why}. This message could not come in time."
    elif rings:
        title = f"{_RINGS.get(notification.reason, 'The baby cries')} ({device})"
        minutes = int(notification.unanswered_s // 60)
        body = f"{why}." + (f" Nobody has answered for {minutes} min." if minutes else "")
    else:
        title, body = f"{_QUIET.get(notification.reason, notification.reason)} ({device})", f"{why}."
    if notification.since is not None:
        since = _format_time(notification.since)
        body += f" Since {since}." if rings or notification.late else f" It began at {since}."
    if rings and page is not None:
        body += f" Answer: {page}"
    urgency, again = Urgency.RING if rings else Urgency.QUIET, rings and notification.reason == Reason.UNANSWERED
    return Push(title, body, urgency, notification.episode_id, again=again)


def build_alarm_push(alarm: Alarm) -> Push:
    """Word an alarm or its all-clear."""
    device = alarm.device or "the broker"
    if alarm.problem is None:
        return Push(f"All is well again: {device}", "The monitor hears and can be heard.", Urgency.QUIET)
    urgency = Urgency.ALARM if alarm.rings else Urgency.QUIET
    return Push(f"You are not being watched over: {device}", f"{alarm.problem}. A cry would not be told.", urgency)


def build_test_push(device: str, test_id: str) -> Push:
    """Word a test alert, so that no parent takes it for a real one."""
    body = "Nobody cries. Whoever reads this would have been called."
    return Push(f"Test of hushd ({device})", body, Urgency.RING, test=test_id)


def _format_time(at: datetime) -> str:
    return at.astimezone().strftime("%H:%M")
