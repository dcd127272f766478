"""Assembly of a companion: opens its parts from a configuration, and closes them."""

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from edge.companion.alerting.escalation import Escalation
from edge.companion.alerting.event_age import EventAge
from edge.companion.alerting.monitor import LivenessMonitor
from edge.companion.companion import Companion, CompanionDependencies, ConnectionChange, Inbox
from edge.companion.history.journal import BROKER, Journal
from edge.companion.mqtt.speaker_connection import SpeakerConnection
from edge.companion.mqtt.topic_map import TopicMap
from edge.companion.push import recipients
from edge.companion.web.pairing_link import page_url
from edge.config.companion import PageSettings
from edge.config.configuration import Configuration
from edge.errors import ConfigurationError, HushdError
from edge.process.clock import Clock
from edge.process.console import Console
from edge.process.sd_notify import Notifier
from edge.process.state_folder import service_state_folder
from edge.version import version

if TYPE_CHECKING:
    from edge.companion.web.server import Server
    from edge.companion.web.sessions import SessionStore

_log = logging.getLogger(__name__)

_SERVICE_FOLDER = Path("/var/lib/hushd-phone")


def state_folder() -> Path:
    """Return the folder of the companion's databases, made where it is missing.

    The first of: systemd's STATE_DIRECTORY, the service's folder where it is writable (for root), and hushd-phone in
    XDG_STATE_HOME. Raise ConfigurationError where the folder cannot be made.
    """
    if service_folder := service_state_folder():
        return service_folder
    if os.access(_SERVICE_FOLDER, os.W_OK):
        return _SERVICE_FOLDER
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    folder = home / "hushd-phone"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be made: {error.strerror}: set STATE_DIRECTORY") from error
    return folder


def open_sessions(settings: PageSettings) -> "SessionStore":
    """Open the file of pairing codes and paired phones; raise StorageError where it cannot be used."""
    from edge.companion.web.sessions import SessionStore  # noqa: PLC0415 - an extra: only the page needs it

    path = state_folder() / "page.sqlite"
    return SessionStore(path, session_days=settings.session_days, pairing_minutes=settings.pairing_minutes)


@contextmanager
def build_companion(configuration: Configuration, notifier: Notifier, console: Console) -> Iterator[Companion]:
    """Yield a companion whose parts are open and running; close them at the end.

    Raise ConfigurationError for a configuration without broker or without any way to reach a parent.
    """
    settings, folder, clock, inbox = configuration.phone, state_folder(), Clock(), Inbox()
    _require_output(configuration)
    with ExitStack() as stack:
        push_queues = stack.enter_context(recipients.open_queues(settings.push, folder, inbox.put))
        journal = stack.enter_context(closing(Journal(folder / "journal.sqlite", settings.journal)))
        speakers = SpeakerConnection(
            TopicMap(configuration.broker.prefix, configuration.device),
            configuration.broker,
            inbox.put,
            lambda problem: inbox.put(ConnectionChange(problem)),
            f"-{journal.identity}",
        )
        gaps = journal.open_gaps()
        for device, problem in gaps.items():
            if device != BROKER:
                speakers.registry.set_alarm(device, problem)
        checks = [speakers.check, *(push_queue.check for push_queue in push_queues)]
        page = _serve_page(stack, speakers, journal, configuration) if settings.serve_page else None
        if page is not None:
            checks.append(page.check)
            console.note(f"the page listens on port {page.port}: `hushd phone --pair` lets a phone in")
        stack.enter_context(speakers)
        names = ", ".join(push_queue.name for push_queue in push_queues) or "no address"
        console.note(f"hushd {version()} phone: broker {configuration.broker.address}, pushes to {names}")
        yield Companion(
            CompanionDependencies(
                inbox=inbox,
                registry=speakers.registry,
                commands=speakers.commands,
                journal=journal,
                escalation=Escalation(settings.calling),
                monitor=LivenessMonitor(
                    settings.watch,
                    clock.steady_s(),
                    settings.devices,
                    [device or None for device in gaps],
                    heartbeat_s=configuration.broker.heartbeat_s,
                ),
                event_age=EventAge(settings.push.late_after_s, settings.push.max_age_s),
                push_queues=push_queues,
                information=settings.push.information,
                page_url=_reachable_url(settings.page, page),
                checks=checks,
                notifier=notifier,
                clock=clock,
            )
        )


def _serve_page(
    stack: ExitStack, speakers: SpeakerConnection, journal: Journal, configuration: Configuration
) -> "Server | None":
    """Serve the page; without it, log why and go on where push addresses can still notify the parents."""
    settings = configuration.phone
    try:
        from edge.companion.web import server  # noqa: PLC0415 - an extra: Starlette and uvicorn

        return stack.enter_context(server.serve(speakers, journal, open_sessions(settings.page), settings.page))
    except HushdError as error:
        if not settings.push.first:
            raise
        _log.warning("there is no page: %s", error)
        return None


def _reachable_url(settings: PageSettings, page: "Server | None") -> str | None:
    """Return the address at which phones reach the page, or None where they cannot."""
    if page is None or not (settings.is_public or settings.url):
        return None
    return page_url(settings, page.port)


def _require_output(configuration: Configuration) -> None:
    if configuration.broker.url in ("embedded", "none"):
        raise ConfigurationError(
            f"hushd phone needs a broker of its own, not `{configuration.broker.url}`: set broker.url to mqtt://HOST"
        )
    if not (configuration.phone.push.first or configuration.phone.serve_page):
        raise ConfigurationError(
            "hushd phone has neither push addresses nor a page: set phone.push.first, or phone.serve_page to true"
        )
