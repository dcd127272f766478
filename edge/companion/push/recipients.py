"""The phones of a house, as its settings name them."""

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
"""SIGTERM promises an end within 2 s."""


@contextmanager
def open_queues(
    settings: PushSettings, folder: Path | None, report: Callable[[PushResult], None]
) -> Iterator[list[PushQueue]]:
    """One for each URL, however many lists it is in; ConfigurationError where Apprise does not know one."""
    addresses = [
        PushQueue(service, tiers, settings, outbox_path(folder, url), report)
        for url, service, tiers in _build_services(settings)
    ]
    for address in addresses:
        address.start()
    try:
        yield addresses
    finally:
        for address in addresses:
            address.stop()
        deadline_s = time.monotonic() + _STOP_S
        for address in addresses:
            address.close(max(0.0, deadline_s - time.monotonic()))


def send_test(settings: PushSettings, device: str) -> int:
    """Send every phone a test now, and print what became of it; the exit code."""
    services = _build_services(settings)
    if not services:
        raise ConfigurationError("phone.push names nobody: give it a list of Apprise URLs as `first`")
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
