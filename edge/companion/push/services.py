"""Push services through Apprise: one URL, three urgencies, and the reason of a failure.

Apprise has no priority that all services share, only parameters of each service. The parameters of the services that
parents use most are set here. Every other service receives Apprise's message type: failure, warning or info.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from edge.errors import ConfigurationError


class Urgency(StrEnum):
    """Behavior of a phone that receives a push."""

    RING = "ring"
    ALARM = "alarm"
    """With a sound, but no baby cries."""
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    values: tuple[str, str, str]
    """For ring, alarm and quiet."""


_PRIORITY = _Parameter(
    "priority", ("emergency", "high", "moderate")
)  # these services do not show a push of low priority
_PARAMETERS: Mapping[str, _Parameter] = {
    "ntfy": _Parameter("priority", ("max", "high", "low")),
    # Not emergency: Pushover would repeat the push until it is acknowledged there, beside the companion's own repeats.
    "pover": _Parameter("priority", ("high", "high", "moderate")),
    "gotify": _PRIORITY,
    "prowl": _PRIORITY,
    "join": _PRIORITY,
    "tgram": _Parameter("silent", ("no", "no", "yes")),
    "bark": _Parameter("level", ("critical", "timeSensitive", "passive")),
}


class Service(Protocol):
    """Receiver of pushes; tests implement their own."""

    name: str

    def send(self, title: str, body: str, urgency: Urgency) -> str | None:
        """Send a push; return None once the service has taken it, or the reason why it has not."""


class AppriseService:
    """Push service behind one Apprise URL."""

    def __init__(self, url: str, name: str) -> None:
        """Raise ConfigurationError where Apprise is missing or does not support the URL."""
        apprise = _import_apprise()
        asset = apprise.AppriseAsset(
            app_id="hushd", app_desc="hushd", app_url="", image_url_mask="", image_url_logo="", async_mode=False
        )  # no images: phones would load them from GitHub for each alert
        self.name = name
        self._clients = {urgency: apprise.Apprise(asset=asset) for urgency in Urgency}
        if not all(client.add(set_priority(url, urgency)) for urgency, client in self._clients.items()):
            scheme = url.partition("://")[0]  # the rest may contain a secret
            raise ConfigurationError(
                f"phone.push {name}: Apprise does not know this {scheme:.20} URL: see appriseit.com for its form"
            )
        self._types = {
            Urgency.RING: apprise.NotifyType.FAILURE,
            Urgency.ALARM: apprise.NotifyType.WARNING,
            Urgency.QUIET: apprise.NotifyType.INFO,
        }

    def send(self, title: str, body: str, urgency: Urgency) -> str | None:
        """Send through Apprise, which waits 4 s for the connection and 4 s for the answer."""
        result = self._clients[urgency].notify(body=body, title=title, notify_type=self._types[urgency])
        if result:
            return None
        messages = [entry.message for entry in result.logs() if entry.level in ("WARNING", "ERROR")]
        return " ".join(" ".join(messages).split()) or "the service rejected the push without a reason"


def set_priority(url: str, urgency: Urgency) -> str:
    """Return the URL with its service's parameter for this urgency; the URL's own value stays for ringing."""
    scheme = url.partition("://")[0].lower()
    parameter = _PARAMETERS.get(scheme) or _PARAMETERS.get(scheme.removesuffix("s"))
    if parameter is None:
        return url
    chosen = re.compile(rf"(?<=[?&]){parameter.name}=[^&]*&?", re.IGNORECASE)
    if urgency is Urgency.RING and chosen.search(url):
        return url
    value = parameter.values[list(Urgency).index(urgency)]
    bare = chosen.sub("", url).rstrip("?&")
    return f"{bare}{'&' if '?' in bare else '?'}{parameter.name}={value}"


def _import_apprise() -> Any:
    try:
        import apprise  # noqa: PLC0415 - an extra, and slow to load
    except ImportError as error:
        raise ConfigurationError("hushd phone needs apprise: pip install 'hushd[phone]'") from error
    logging.getLogger("apprise").propagate = False  # the queue logs each problem once
    return apprise
