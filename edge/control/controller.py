"""Applies the parents' commands: whether to ring, the sensitivity, acknowledgements and feedback.

Commands come from the broker unchecked. The reply to each, accepted or rejected with a reason, appears on ``/health``.
"""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from edge.control import preferences
from edge.control.command_dedup import CommandDeduplicator
from edge.control.feedback_log import FeedbackLog
from edge.control.preferences import Preferences
from edge.detection.decision_settings import Sensitivity
from edge.errors import HushdError, ModelError
from edge.protocol.commands import (
    LATEST,
    Acknowledge,
    Action,
    Alerts,
    Command,
    CommandMessage,
    Feedback,
    Rejection,
    SetSensitivity,
    Snooze,
    parse,
)
from edge.protocol.messages import AlertStatus, CommandReply, iso
from edge.records import Event, EventKind

_log = logging.getLogger(__name__)

_MAX_REPLIES = 5
"""Number of recent command replies in ``/health``."""


class _RejectedError(HushdError):
    """A command that cannot be applied; its text is the reply."""


@dataclass(frozen=True, slots=True)
class ControllerSnapshot:
    """State of a controller, from which that of a reloaded daemon continues."""

    preferences: Preferences
    deduplicator: CommandDeduplicator
    """The object itself: its ids must not be accepted again."""
    replies: tuple[CommandReply, ...]
    """To the last commands, newest first."""
    latest_episode: str | None
    is_over: bool
    """Whether the latest episode has ended."""
    acknowledged: str | None
    """The episode whose reminders a parent has stopped."""


class AlertController:
    """The parents' preferences, and the episode to which their commands refer."""

    def __init__(
        self,
        configured: Sensitivity,
        set_sensitivity: Callable[[Sensitivity], None],
        folder: Path | None = None,
    ) -> None:
        """``folder`` keeps the state over restarts.

        ``set_sensitivity`` switches the decision; it raises ModelError where the model has no such operating point.
        """
        self._configured = configured
        self._set_sensitivity = set_sensitivity
        self._preferences_file = folder and folder / "wishes.json"
        self._preferences = preferences.load(self._preferences_file) if self._preferences_file else Preferences()
        self._feedback = FeedbackLog(folder)
        self._acknowledged: str | None = None
        self._latest_episode: str | None = None
        self._is_over = False
        self._deduplicator = CommandDeduplicator(folder and folder / "commands.json")
        self._replies: deque[CommandReply] = deque(maxlen=_MAX_REPLIES)
        self._apply_saved_sensitivity()

    @property
    def replies(self) -> list[CommandReply]:
        """The replies to the last commands, newest first."""
        return list(self._replies)

    def alert_status(self, utc: datetime) -> AlertStatus:
        """Return the preferences and the acknowledgement in effect at ``utc``."""
        current = self._preferences.current(utc)
        sensitivity = current.sensitivity or self._configured
        return AlertStatus(current.alerts, current.snoozed_until, sensitivity, self._acknowledged)

    def mute_reason(self, utc: datetime) -> str | None:
        """Return why no phone rings now; None when alerts ring."""
        status = self.alert_status(utc)
        if not status.alerts:
            return "alerts off"
        return f"snoozed until {iso(status.snoozed_until)}" if status.snoozed_until else None

    def snapshot(self) -> ControllerSnapshot:
        """Return the state after the last command and event."""
        return ControllerSnapshot(
            preferences=self._preferences,
            deduplicator=self._deduplicator,
            replies=tuple(self._replies),
            latest_episode=self._latest_episode,
            is_over=self._is_over,
            acknowledged=self._acknowledged,
        )

    def restore(self, snapshot: ControllerSnapshot) -> None:
        """Continue from this state, and apply the sensitivity that a command has set."""
        self._preferences, self._deduplicator = snapshot.preferences, snapshot.deduplicator
        self._replies = deque(snapshot.replies, maxlen=_MAX_REPLIES)
        self._latest_episode, self._is_over = snapshot.latest_episode, snapshot.is_over
        self._acknowledged = snapshot.acknowledged
        self._apply_saved_sensitivity()

    def should_publish(self, event: Event) -> bool:
        """Return False for a reminder of an acknowledged episode; note the event's episode.

        Crying that goes on after soothing has stopped is news: it rings, and reminders follow again.
        """
        self._latest_episode = event.episode_id
        self._is_over = event.kind is EventKind.CRY_ENDED
        if event.kind is EventKind.CRY_REMINDER:
            return event.episode_id != self._acknowledged
        if event.kind in (EventKind.CRY_RESUMED, EventKind.CRY_ENDED):
            self._acknowledged = None
        return True

    def handle(self, message: CommandMessage, utc: datetime) -> None:
        """Apply a command or reject it, and add the reply."""
        command = parse(message)
        try:
            detail = self._accept(message.name, command, utc)
        except HushdError as error:
            detail, is_accepted = str(error), False
        else:
            is_accepted = True
        _log.info("command %.40r %s: %s", message.name, "accepted" if is_accepted else "rejected", detail)
        self._replies.appendleft(CommandReply(message.name[:40], command.id, is_accepted, detail, utc))

    def _accept(self, name: str, command: Command | Rejection, utc: datetime) -> str:
        if isinstance(command, Rejection):
            raise _RejectedError(command.reason)
        if reason := self._deduplicator.reject_reason(name, command, utc):
            raise _RejectedError(reason)
        return self._apply(command.action, utc)

    def _apply(self, action: Action, utc: datetime) -> str:
        """Return the reply's text; raise a HushdError that says why the action is impossible."""
        match action:
            case Alerts(on):
                return f"alerts are {'on' if on else 'off'}" + self._save(replace(self._preferences, alerts=on))
            case Snooze(minutes):
                until = utc + timedelta(minutes=minutes) if minutes else None
                changed = replace(self._preferences, snoozed_at=until and utc, snoozed_until=until)
                return (f"snoozed until {iso(until)}" if until else "not snoozed") + self._save(changed)
            case SetSensitivity(sensitivity):
                self._set_sensitivity(sensitivity)
                changed = replace(self._preferences, sensitivity=sensitivity, instead_of=self._configured)
                return f"sensitivity is {sensitivity}" + self._save(changed)
            case Acknowledge():
                self._acknowledged = self._episode_under_way(command_episode=action.episode_id)
                return f"no more reminders of episode {self._acknowledged}"
            case Feedback():
                episode_id = self._resolve(action.episode_id)
                if self._is_under_way(episode_id):  # a parent with a verdict has been there
                    self._acknowledged = episode_id
                self._feedback.append(replace(action, episode_id=episode_id), utc)
                return f"{action.verdict} kept for episode {episode_id}"

    def _save(self, changed: Preferences) -> str:
        """Apply the preferences even where the disk refuses them; return the addition to the reply."""
        self._preferences = changed
        if not self._preferences_file:
            return ""
        try:
            preferences.save(self._preferences_file, changed)
        except OSError as error:
            return f", until the next start only: {self._preferences_file} cannot be written ({error.strerror})"
        return ""

    def _resolve(self, episode_id: str) -> str:
        if episode_id != LATEST:
            return episode_id
        if self._latest_episode is None:
            raise _RejectedError("there has been no episode since hushd started")
        return self._latest_episode

    def _episode_under_way(self, command_episode: str) -> str:
        episode_id = self._resolve(command_episode)
        if not self._is_under_way(episode_id):
            raise _RejectedError(f"episode {episode_id} is not under way")
        return episode_id

    def _is_under_way(self, episode_id: str) -> bool:
        return episode_id == self._latest_episode and not self._is_over

    def _apply_saved_sensitivity(self) -> None:
        saved = self._preferences.sensitivity if self._preferences.instead_of is self._configured else None
        try:
            if saved:
                self._set_sensitivity(saved)
        except ModelError as error:  # the model has been replaced since the command
            _log.warning("%s; it stays at %s", error, self._configured)
            saved = None
        self._preferences = replace(self._preferences, sensitivity=saved)
