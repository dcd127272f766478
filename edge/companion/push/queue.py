"""Durable queue of the pushes to one service, which retries until the service has taken them or they are too old.

Each push address has an outbox and a thread of its own, so a slow service delays no other. A push that the service
confirms is never sent again. A service that takes a push and fails to confirm it receives it twice.

A waiting push of an episode that has ended does not ring. Nor does a late one of an earlier run, which may have
processed an end that this run has not. A baby that still cries rings again by its speaker's heartbeat, and a speaker
without heartbeats raises an alarm.
"""

import hashlib
import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import uuid4

from edge.companion.alerting.notifications import Tier
from edge.companion.push.services import Service, Urgency
from edge.config.companion import PushSettings
from edge.errors import StorageError
from edge.process.backoff import Backoff
from edge.process.worker import Worker
from edge.storage.outbox import Outbox, OutboxSettings, QueuedEvent

_log = logging.getLogger(__name__)

_IDLE_S = 5.0
"""Interval of reading the outbox while no new push wakes the thread."""
_MAX_REMEMBERED = 16


@dataclass(frozen=True, slots=True)
class Push:
    """Title, text and urgency of one message on a phone."""

    title: str
    body: str
    urgency: Urgency
    episode_id: str | None = None
    again: bool = False
    """A repeat: redundant while an earlier push of this episode waits."""
    test: str | None = None
    """Id of the test alert; a test is attempted once."""


@dataclass(frozen=True, slots=True)
class PushResult:
    """Result of one attempt to push."""

    address: str
    push: Push
    problem: str | None
    """Why it failed; None: the service has taken it."""
    took_s: float


class PushQueue:
    """Outbox and delivery thread of one service."""

    def __init__(
        self,
        service: Service,
        tiers: Iterable[Tier],
        settings: PushSettings,
        path: Path | None,
        report: Callable[[PushResult], None],
    ) -> None:
        """Prepare a queue; ``path`` None keeps the outbox in memory. ``report`` runs in the queue's thread."""
        self.name = service.name
        self.tiers = frozenset(tiers)
        self._service = service
        self._settings = settings
        self._outbox = Outbox(
            OutboxSettings(path, 200, max_age_s=settings.max_age_s, late_after_s=settings.late_after_s)
        )
        self._report = report
        self._run_id = uuid4().hex
        self._ended_episodes: deque[str] = deque(maxlen=_MAX_REMEMBERED)
        self._problem: str | None = None
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._worker = Worker(f"push {service.name}", self._run)

    @property
    def problem(self) -> str | None:
        """Why the last attempt failed; None where it succeeded."""
        return self._problem

    def start(self) -> None:
        """Begin to deliver the waiting pushes; return at once."""
        self._worker.start()

    def check(self) -> None:
        """Raise the exception that has ended the queue's thread, if one has."""
        self._worker.check()

    def add(self, push: Push) -> None:
        """Store a push for delivery; return once it is on disk."""
        if push.again and self._problem is not None and self._outbox.counts().waiting:
            return  # else a burst of repeats would follow once the service is back
        if push.urgency is Urgency.RING and push.episode_id in self._ended_episodes:
            self._ended_episodes = deque(
                (each for each in self._ended_episodes if each != push.episode_id), maxlen=_MAX_REMEMBERED
            )
        self._outbox.add(json.dumps({**asdict(push), "run": self._run_id}), rings=push.urgency is Urgency.RING)
        self._wake.set()

    def silence_episode(self, episode_id: str) -> None:
        """Mark the waiting pushes of this episode as silent, until a new one rings."""
        self._ended_episodes.append(episode_id)

    def stop(self) -> None:
        """Start no further attempt; the waiting pushes are delivered after the next start."""
        self._stop.set()
        self._wake.set()

    def close(self, timeout_s: float) -> None:
        """Wait for the current attempt and close the outbox; leave the thread behind after ``timeout_s``."""
        self._worker.join(timeout_s)
        self._outbox.close()

    def _run(self) -> None:
        try:
            self._deliver()
        except StorageError:
            if not self._stop.is_set():  # unless stopped: then close() came before a slow service's answer
                raise

    def _deliver(self) -> None:
        backoff = Backoff(self._settings.retry_min_s, self._settings.retry_max_s)
        while not self._stop.is_set():
            self._wake.clear()
            waiting = self._outbox.due()
            if waiting is None:
                self._wake.wait(_IDLE_S)
            elif self._send(waiting):
                backoff.reset()
            else:  # a new push ends the wait early, for the service may be back
                self._wake.wait(backoff.next_s())

    def _send(self, waiting: QueuedEvent) -> bool:
        fields = json.loads(waiting.text)
        from_earlier_run = fields.pop("run", None) != self._run_id
        push = Push(**{**fields, "urgency": Urgency(fields["urgency"])})
        push = self._update_urgency(push, waiting.late, from_earlier_run)
        start_s = time.monotonic()
        problem = self._service.send(push.title, push.body, push.urgency)
        if problem is None or push.test is not None:
            self._outbox.delete(waiting.id)
        if problem != self._problem:  # log a problem once, not at each attempt
            _log.warning("%s", f"push to {self.name} fails: {problem}" if problem else f"push to {self.name} works")
        self._problem = problem
        self._report(PushResult(self.name, push, problem, time.monotonic() - start_s))
        return problem is None or push.test is not None

    def _update_urgency(self, push: Push, late: bool, from_earlier_run: bool) -> Push:
        has_ended = push.episode_id in self._ended_episodes or (late and from_earlier_run)
        if push.urgency is Urgency.RING and push.episode_id is not None and has_ended:
            push = replace(push, urgency=Urgency.QUIET)
        return replace(push, title=f"Late: {push.title}") if late else push


def outbox_path(folder: Path | None, url: str) -> Path | None:
    """Return the outbox file of this URL, named by a hash because the URL contains secrets; None without folder."""
    return folder and folder / f"push-{hashlib.sha256(url.encode()).hexdigest()[:12]}.sqlite"
