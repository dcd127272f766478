"""Push queues and test pushes for the addresses in the settings."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.companion.alerting.notifications import Tier
from edge.companion.push import texts
from edge.companion.push.queue import PushQueue, PushResult, outbox_path
from edge.companion.push.services import AppriseService
from edge.config.companion import PushSettings
from edge.errors import ConfigurationError

_STOP_S = 0.5
"""Total wait for all queues, within the 2 s in which the process ends after SIGTERM."""


@contextmanager
def open_queues(
    settings: PushSettings, folder: Path | None, report: Callable[[PushResult], None]
) -> Iterator[list[PushQueue]]:
    """Yield a running queue for each push address; an address in both lists has one queue.

    The queues are stopped at the end of the context, within ``_STOP_S``. Raise ConfigurationError if Apprise does not
    support an address.
    """
    queues = [
        PushQueue(service, tiers, settings, outbox_path(folder, url), report)
        for url, service, tiers in _build_services(settings)
    ]
    for push_queue in queues:
        push_queue.start()
    try:
        yield queues
    finally:
        for push_queue in queues:
            push_queue.stop()
        deadline_s = time.monotonic() + _STOP_S
        for push_queue in queues:
            push_queue.close(max(0.0, deadline_s - time.monotonic()))


def send_test(settings: PushSettings, device: str) -> int:
    """Send a test push to every address, print each result and return 0, or 75 where one failed."""
    services = _build_services(settings)
    if not services:
        raise ConfigurationError("phone.push has no address: set phone.push.first to a list of Apprise URLs")
    push = texts.build_test_push(device, "test")
    failed = False
    for _, service, _ in services:
        problem = service.send(push.title, push.body, push.urgency)
        print(f"{service.name:<20}  {'ok       has taken the test' if problem is None else f'PROBLEM  {problem}'}")
        failed |= problem is not None
    return 75 if failed else 0


def _build_services(settings: PushSettings) -> list[tuple[str, AppriseService, set[Tier]]]:
    tiers: dict[str, set[Tier]] = {}
    names: dict[str, str] = {}
    for tier, urls in ((Tier.FIRST, settings.first), (Tier.SECOND, settings.second)):
        for number, url in enumerate(urls, 1):
            tiers.setdefault(url, set()).add(tier)
            names.setdefault(url, f"{tier} {number} ({url.partition('://')[0]:.12})")
    return [(url, AppriseService(url, names[url]), tiers[url]) for url in tiers]
