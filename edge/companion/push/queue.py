"""Pushes on their way to the phones: kept on disk until the service has taken them, tried again until they are too old.

Each address has an outbox and a thread of its own, so one that is slow or down holds up no other. What a service has
taken is never sent again, as far as it said so: one that takes a push and then fails to answer gets it twice.

What waits of an episode that is over does not ring, nor does what is late and waits of an earlier run, which may have
seen an end that this one has not: a baby that still cries rings anew by its speaker's heartbeat, and a speaker without
one is an alarm of its own.
"""

import hashlib
import json
import logging
import random
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
from edge.process.worker import Worker
from edge.storage.outbox import Outbox, OutboxSettings, Waiting

_log = logging.getLogger(__name__)

_IDLE_S = 5.0
"""What waits is looked at this often, should nobody wake us."""
_REMEMBERED = 16


@dataclass(frozen=True, slots=True)
class Push:
    """What one phone is to show."""

    title: str
    body: str
    urgency: Urgency
    episode_id: str | None = None
    again: bool = False
    """It has rung for this episode before: nothing is lost if an earlier one still waits."""
    test: str | None = None
    """The id of the test alert that this is; such a one is tried once."""


@dataclass(frozen=True, slots=True)
class PushResult:
    """What became of an attempt."""

    address: str
    push: Push
    problem: str | None
    """None: the service has taken it."""
    took_s: float


class PushQueue:
    """One service, its outbox and its thread."""

    def __init__(
        self,
        service: Service,
        tiers: Iterable[Tier],
        settings: PushSettings,
        path: Path | None,
        report: Callable[[PushResult], None],
    ) -> None:
        """``report`` is called in the address's thread."""
        self.name = service.name
        self.tiers = frozenset(tiers)
        self._service = service
        self._settings = settings
        self._outbox = Outbox(
            OutboxSettings(path, 200, max_age_s=settings.max_age_s, late_after_s=settings.late_after_s)
        )
        self._report = report
        self._run_id = uuid4().hex
        self._over: deque[str] = deque(maxlen=_REMEMBERED)
        self._problem: str | None = None
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._worker = Worker(f"push {service.name}", self._run)

    @property
    def problem(self) -> str | None:
        """Why pushes do not get through; None while they do."""
        return self._problem

    def start(self) -> None:
        """Begin to deliver what waits."""
        self._worker.start()

    def check(self) -> None:
        """Raise what made its thread crash, if it did."""
        self._worker.check()

    def add(self, push: Push) -> None:
        """Deliver as soon as possible; returns once it is on disk."""
        if push.again and self._problem is not None and self._outbox.counts().waiting:
            return  # what waits will do: nobody needs a burst of reminders when the service is back
        if push.urgency is Urgency.RING and push.episode_id in self._over:
            self._over = deque((each for each in self._over if each != push.episode_id), maxlen=_REMEMBERED)
        self._outbox.add(json.dumps({**asdict(push), "run": self._run_id}), rings=push.urgency is Urgency.RING)
        self._wake.set()

    def silence_episode(self, episode_id: str) -> None:
        """What still waits of this episode need not ring any more, until something new does."""
        self._over.append(episode_id)

    def stop(self) -> None:
        """Begin nothing new; what waits is delivered after the next start."""
        self._stop.set()
        self._wake.set()

    def close(self, timeout_s: float) -> None:
        """Wait for what is under way, for so long; a thread that waits for a service is left behind."""
        self._worker.join(timeout_s)
        self._outbox.close()

    def _run(self) -> None:
        try:
            self._deliver()
        except StorageError:
            if not self._stop.is_set():  # else it was closed while the service took its time
                raise

    def _deliver(self) -> None:
        patience_s = self._settings.retry_min_s
        while not self._stop.is_set():
            self._wake.clear()
            waiting = self._outbox.due()
            if waiting is None:
                self._wake.wait(_IDLE_S)
            elif self._send(waiting):
                patience_s = self._settings.retry_min_s
            else:  # a new push wakes us sooner: the service may be back
                self._wake.wait(patience_s * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
                patience_s = min(2 * patience_s, self._settings.retry_max_s)

    def _send(self, waiting: Waiting) -> bool:
        fields = json.loads(waiting.text)
        inherited = fields.pop("run", None) != self._run_id
        push = Push(**{**fields, "urgency": Urgency(fields["urgency"])})
        push = self._as_of_now(push, waiting.late, inherited)
        start_s = time.monotonic()
        problem = self._service.send(push.title, push.body, push.urgency)
        if problem is None or push.test is not None:
            self._outbox.delivered(waiting.id)
        if problem != self._problem:  # once a problem, not once an attempt
            _log.warning("%s", f"push to {self.name} fails: {problem}" if problem else f"push to {self.name} works")
        self._problem = problem
        self._report(PushResult(self.name, push, problem, time.monotonic() - start_s))
        return problem is None or push.test is not None

    def _as_of_now(self, push: Push, late: bool, inherited: bool) -> Push:
        is_over = push.episode_id in self._over or (late and inherited)
        if push.urgency is Urgency.RING and push.episode_id is not None and is_over:
            push = replace(push, urgency=Urgency.QUIET)
        return replace(push, title=f"Late: {push.title}") if late else push


def outbox_path(folder: Path | None, url: str) -> Path | None:
    """Where the pushes to this URL wait; its secrets stay out of the file's name."""
    return folder and folder / f"push-{hashlib.sha256(url.encode()).hexdigest()[:12]}.sqlite"
