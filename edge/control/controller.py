"""What the parents tell hushd, obeyed: who may be rung, how sensitively to listen, what they found.

Messages come from the broker as they are; each is answered on ``/health``, obeyed or refused with its reason.
"""

import json
import logging
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from edge.control import preferences
from edge.control.command_dedup import CommandDeduplicator
from edge.control.preferences import Preferences
from edge.detection.decision_settings import Sensitivity
from edge.errors import ModelError
from edge.protocol.commands import (
    LATEST,
    Acknowledge,
    Action,
    Alerts,
    Command,
    Feedback,
    Message,
    Rejection,
    SetSensitivity,
    Snooze,
    parse,
)
from edge.protocol.messages import AlertStatus, CommandReply, iso
from edge.records import Event, EventKind

_log = logging.getLogger(__name__)

_ANSWERS = 5
"""So many of the last answers are told."""
_MAX_FEEDBACK_BYTES = 1_000_000
"""Some ten thousand nights."""


class _RefusalError(Exception):
    """In words for the one who sent it."""


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
    """The parents' wishes, and the episode they speak of."""

    def __init__(
        self, configured: Sensitivity, sense: Callable[[Sensitivity], None], folder: Path | None = None
    ) -> None:
        """``sense`` switches the decision, ModelError where the model cannot; ``folder`` keeps what must be kept."""
        self._configured = configured
        self._sense = sense
        self._folder = folder
        self._wishes = preferences.load(self._wishes_file) if self._wishes_file else Preferences()
        self._acknowledged: str | None = None
        self._latest_episode: str | None = None
        self._over = False
        self._replays = CommandDeduplicator(folder and folder / "commands.json")
        self._answers: deque[CommandReply] = deque(maxlen=_ANSWERS)
        self._sense_as_asked_before()

    @property
    def answers(self) -> list[CommandReply]:
        """The answers to the last commands, newest first."""
        return list(self._answers)

    def alert_status(self, utc: datetime) -> AlertStatus:
        """What holds now."""
        now = self._wishes.now(utc)
        sensitivity = now.sensitivity or self._configured
        return AlertStatus(now.alerts, now.snoozed_until, sensitivity, self._acknowledged)

    def muted(self, utc: datetime) -> str | None:
        """Why nobody is rung now; None when alerts ring."""
        standing = self.alert_status(utc)
        if not standing.alerts:
            return "alerts off"
        return f"snoozed until {iso(standing.snoozed_until)}" if standing.snoozed_until else None

    def snapshot(self) -> ControllerSnapshot:
        """Return the state after the last command and event."""
        return ControllerSnapshot(
            preferences=self._wishes,
            deduplicator=self._replays,
            replies=tuple(self._answers),
            latest_episode=self._latest_episode,
            is_over=self._over,
            acknowledged=self._acknowledged,
        )

    def restore(self, snapshot: ControllerSnapshot) -> None:
        """Continue from this state; the sensitivity set by command is applied again."""
        self._wishes, self._replays = snapshot.preferences, snapshot.deduplicator
        self._answers = deque(snapshot.replies, maxlen=_ANSWERS)
        self._latest_episode, self._over = snapshot.latest_episode, snapshot.is_over
        self._acknowledged = snapshot.acknowledged
        self._sense_as_asked_before()

    def rings(self, event: Event) -> bool:
        """Whether to tell this event at all: no reminder of an episode that somebody acknowledged.

        Soothing that stopped while the crying goes on is news: it rings, and reminders follow again.
        """
        self._latest_episode = event.episode_id
        self._over = event.kind is EventKind.CRY_ENDED
        if event.kind is EventKind.CRY_REMINDER:
            return event.episode_id != self._acknowledged
        if event.kind in (EventKind.CRY_RESUMED, EventKind.CRY_ENDED):
            self._acknowledged = None
        return True

    def handle(self, message: Message, utc: datetime) -> None:
        """Obey a command, or refuse it."""
        order = parse(message)
        try:
            detail = self._handle(message.name, order, utc)
        except _RefusalError as refused:
            detail, accepted = str(refused), False
        else:
            accepted = True
        _log.info("command %.40r %s: %s", message.name, "obeyed" if accepted else "refused", detail)
        self._answers.appendleft(CommandReply(message.name[:40], order.id, accepted, detail, utc))

    def _handle(self, name: str, order: Command | Rejection, utc: datetime) -> str:
        if isinstance(order, Rejection):
            raise _RefusalError(order.reason)
        if objection := self._replays.reject_reason(name, order, utc):
            raise _RefusalError(objection)
        return self._apply(order.action, utc)

    def _apply(self, command: Action, utc: datetime) -> str:
        match command:
            case Alerts(on):
                return f"alerts are {'on' if on else 'off'}" + self._wish(replace(self._wishes, alerts=on))
            case Snooze(minutes):
                until = utc + timedelta(minutes=minutes) if minutes else None
                wish = replace(self._wishes, snoozed_at=until and utc, snoozed_until=until)
                return (f"snoozed until {iso(until)}" if until else "not snoozed") + self._wish(wish)
            case SetSensitivity(sensitivity):
                try:
                    self._sense(sensitivity)
                except ModelError as error:
                    raise _RefusalError(str(error)) from error
                wish = replace(self._wishes, sensitivity=sensitivity, instead_of=self._configured)
                return f"sensitivity is {sensitivity}" + self._wish(wish)
            case Acknowledge():
                self._acknowledged = self._episode(command.episode_id)
                return f"no more reminders of episode {self._acknowledged}"
            case Feedback():
                named = self._named(command.episode_id)
                if self._under_way(named):  # whoever knows has been there
                    self._acknowledged = named
                return self._keep(replace(command, episode_id=named), utc)

    def _wish(self, wish: Preferences) -> str:
        """Take it over; a disk that does not keep it is no reason not to."""
        self._wishes = wish
        if not self._wishes_file:
            return ""
        try:
            preferences.save(self._wishes_file, wish)
        except OSError as error:
            return f", until the next start only: {self._wishes_file} cannot be written ({error.strerror})"
        return ""

    def _keep(self, feedback: Feedback, utc: datetime) -> str:
        if self._folder is None:
            raise _RefusalError("hushd was started without a state directory to keep it in")
        path = self._folder / "feedback.jsonl"
        kept = {"v": 1, "episode_id": feedback.episode_id, "verdict": feedback.verdict, "utc": iso(utc)}
        try:
            with path.open("a", encoding="utf-8") as file:
                if file.tell() > _MAX_FEEDBACK_BYTES:
                    raise _RefusalError(f"{path} is full: move it away")
                file.write(json.dumps(kept) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _RefusalError(f"{path} cannot be written: {error.strerror}") from error
        return f"{feedback.verdict} kept for episode {feedback.episode_id}"

    def _named(self, episode_id: str) -> str:
        if episode_id != LATEST:
            return episode_id
        if self._latest_episode is None:
            raise _RefusalError("there has been no episode since hushd started")
        return self._latest_episode

    def _episode(self, episode_id: str) -> str:
        named = self._named(episode_id)
        if not self._under_way(named):
            raise _RefusalError(f"episode {named} is not under way")
        return named

    def _under_way(self, episode_id: str) -> bool:
        return episode_id == self._latest_episode and not self._over

    @property
    def _wishes_file(self) -> Path | None:
        return self._folder and self._folder / "wishes.json"

    def _sense_as_asked_before(self) -> None:
        asked = self._wishes.sensitivity if self._wishes.instead_of is self._configured else None
        try:
            if asked:
                self._sense(asked)
        except ModelError as error:  # another model came since
            _log.warning("%s; it stays at %s", error, self._configured)
            asked = None
        self._wishes = replace(self._wishes, sensitivity=asked)
