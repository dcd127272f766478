"""Push services through Apprise: one URL, three ways to be told, and why it did not work.

Apprise has no priority that all services share, only parameters of their own; those of the services that parents use
most are set here. A service without any gets Apprise's message type: failure, warning or info.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from edge.errors import ConfigurationError


class Urgency(StrEnum):
    """How a phone is to behave."""

    RING = "ring"
    ALARM = "alarm"
    """Heard, but no baby cries."""
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    values: tuple[str, str, str]
    """For ring, alarm and quiet."""


_PRIORITY = _Parameter("priority", ("emergency", "high", "moderate"))  # their low is not shown at all
_PARAMETERS: Mapping[str, _Parameter] = {
    "ntfy": _Parameter("priority", ("max", "high", "low")),
    # Not emergency: Pushover repeats that until it is acknowledged there, and so do we until it is acknowledged here.
    "pover": _Parameter("priority", ("high", "high", "moderate")),
    "gotify": _PRIORITY,
    "prowl": _PRIORITY,
    "join": _PRIORITY,
    "tgram": _Parameter("silent", ("no", "no", "yes")),
    "bark": _Parameter("level", ("critical", "timeSensitive", "passive")),
}


class Service(Protocol):
    """Where pushes go; tests put their own here."""

    name: str

    def send(self, title: str, body: str, urgency: Urgency) -> str | None:
        """None once the service has taken it, else why it has not."""


class AppriseService:
    """One URL."""

    def __init__(self, url: str, name: str) -> None:
        """ConfigurationError where Apprise does not understand the URL, or is not there."""
        apprise = _import_apprise()
        asset = apprise.AppriseAsset(
            app_id="hushd", app_desc="hushd", app_url="", image_url_mask="", image_url_logo="", async_mode=False
        )  # no pictures, which phones would fetch from GitHub for each alert
        self.name = name
        self._ways = {urgency: apprise.Apprise(asset=asset) for urgency in Urgency}
        if not all(way.add(set_priority(url, urgency)) for urgency, way in self._ways.items()):
            scheme = url.partition("://")[0]  # the rest may be a secret
            raise ConfigurationError(f"phone.push {name}: Apprise does not know this {scheme:.20} URL: appriseit.com")
        self._types = {
            Urgency.RING: apprise.NotifyType.FAILURE,
            Urgency.ALARM: apprise.NotifyType.WARNING,
            Urgency.QUIET: apprise.NotifyType.INFO,
        }

    def send(self, title: str, body: str, urgency: Urgency) -> str | None:
        """Through Apprise; it waits 4 s for the connection and 4 s for the answer."""
        result = self._ways[urgency].notify(body=body, title=title, notify_type=self._types[urgency])
        if result:
            return None
        said = [entry.message for entry in result.logs() if entry.level in ("WARNING", "ERROR")]
        return " ".join(" ".join(said).split()) or "it refused, without a word"


def set_priority(url: str, urgency: Urgency) -> str:
    """The URL with the priority that this urgency has at its service. One that the parent chose holds for ringing."""
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
    logging.getLogger("apprise").propagate = False  # what went wrong is said by us, once
    return apprise
