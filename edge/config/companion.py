"""What the companion's section of the configuration may say."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from edge.protocol.topics import DEVICE_NAME


@dataclass(frozen=True, slots=True)
class EscalationSettings:
    """How patient to be; all in seconds."""

    repeat_every_s: float = 60.0
    """An alert that nobody answers rings again after this, or when the speaker reminds."""
    escalate_after_s: float = 180.0
    """An alert that nobody answers for this long goes to the second list, too."""
    pause_s: float = 20.0
    """Between two rings for the same speaker there is at least this, whatever happens."""
    heartbeat_grace_s: float = 5.0
    """A heartbeat that tells of crying rings when the event has not come within this."""
    give_up_after_s: float = 600.0
    """A speaker that has gone silent in the middle of a cry is rung for so much longer."""

    def __post_init__(self) -> None:
        """Refuse what could not work."""
        for name in self.__slots__:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0 seconds")
        if self.pause_s > self.repeat_every_s:
            raise ValueError("pause_s cannot be more than repeat_every_s")


@dataclass(frozen=True, slots=True)
class MonitorSettings:
    """How long trouble must last; in seconds."""

    alarm_after_s: float = 60.0
    """A speaker that is not heard of or hears nothing, or a broker that is away, for this long raises an alarm.

    One that is merely silent, and whose heart beats slowly, is given three beats.
    """
    clear_after_s: float = 30.0
    """All is well again after this much of it; for one that comes and goes, after up to 16 times as much."""

    def __post_init__(self) -> None:
        """Refuse what could not work."""
        if not (self.alarm_after_s > 0 and self.clear_after_s > 0):
            raise ValueError("alarm_after_s and clear_after_s must be more than 0 seconds")


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """How much of the past is kept."""

    keep_days: float = 30.0
    """Days after which an event is forgotten."""
    max_events: int = 20_000
    """When there are more, the oldest go."""

    def __post_init__(self) -> None:
        """Refuse what could not work."""
        if not 0 < self.keep_days <= 3_650:
            raise ValueError("keep_days must be above 0 and at most 3650")
        if self.max_events < 1:
            raise ValueError("max_events must be at least 1")


@dataclass(frozen=True, slots=True)
class PushSettings:
    """Whose phones, and how hard to try."""

    first: tuple[str, ...] = ()
    """Who is called at once: a list of Apprise URLs, such as ntfys://ntfy.sh/TOPIC or pover://USER@TOKEN."""
    second: tuple[str, ...] = ()
    """Who is called, too, when nobody answers."""
    information: bool = True
    """Whether soothing, the end and answers are told, too, quietly."""
    retry_min_s: float = 2.0
    """Seconds, at most, to the second attempt; doubled for each further one."""
    retry_max_s: float = 30.0
    """Seconds, at most, between attempts."""
    max_age_s: float = 600.0
    """A push that could not be delivered for this long is given up."""
    late_after_s: float = 30.0
    """A push that could not be delivered for this long says that it is late, and so is an event older than this."""

    def __post_init__(self) -> None:
        """Refuse what could not work."""
        if not 0 < self.retry_min_s <= self.retry_max_s <= 3_600:
            raise ValueError("retry_min_s must be above 0 and at most retry_max_s, that at most 3600")
        if not 0 < self.late_after_s <= self.max_age_s:
            raise ValueError("late_after_s must be above 0 and at most max_age_s")

    def __repr__(self) -> str:
        """Without the URLs, which hold secrets."""
        return f"PushSettings({len(self.first)} first, {len(self.second)} second)"


@dataclass(frozen=True, slots=True)
class PageSettings:
    """The page as a parent may set it."""

    host: str = "127.0.0.1"
    """The address to listen on: 127.0.0.1 serves this machine alone, 0.0.0.0 the whole home network."""
    port: int = 8127
    """The TCP port; 0 takes a free one."""
    url: str | None = None
    """The page's address as phones reach it, where that is not this machine's own: https://baby.example:8443."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks, such as 127.0.0.1, of reverse proxies that say in X-Forwarded-For for whom they ask."""
    tls_cert: Path | None = None
    """The page's certificate, with its chain; with it, the page is https and can be installed on a phone."""
    tls_key: Path | None = None
    """Its private key, unless tls_cert contains it."""
    session_days: float = 90.0
    """Days after its last visit that a paired phone must be paired again."""
    pairing_minutes: float = 10.0
    """Minutes that a pairing link can be used."""

    def __post_init__(self) -> None:
        """Refuse what could not work."""
        if not 0 <= self.port <= 65_535:
            raise ValueError(f"port must be from 0 to 65535, is {self.port}")
        for proxy in self.trusted_proxies:
            if not _is_network(proxy):
                raise ValueError(f"trusted_proxies must be addresses or networks, one is {proxy!r:.50}")
        if self.tls_key and not self.tls_cert:
            raise ValueError("tls_key needs tls_cert")
        if not 0 < self.session_days <= 3_650 or not 0 < self.pairing_minutes <= 1_440:
            raise ValueError("session_days must be above 0 and at most 3650, pairing_minutes at most 1440")
        if self.url is not None and not _is_origin(self.url):
            raise ValueError("url must be http://NAME[:PORT] or https://NAME[:PORT], and nothing more")

    @property
    def is_secure(self) -> bool:
        """Whether phones reach the page by https, be it ours or a proxy's."""
        return self.tls_cert is not None or (self.url or "").startswith("https:")

    @property
    def is_public(self) -> bool:
        """Whether other machines can reach it."""
        if self.host == "localhost":
            return False
        try:
            return not ip_address(self.host).is_loopback
        except ValueError:
            return True


@dataclass(frozen=True, slots=True)
class PhoneSettings:
    """`hushd phone`, the companion that calls the parents where there is no Home Assistant."""

    devices: tuple[str, ...] = ()
    """Speakers that are missed even if they were never heard of; those that were heard of are missed anyway."""
    serve_page: bool = True
    """Whether there is a page for the phones' browsers."""
    push: PushSettings = field(default_factory=PushSettings)
    calling: EscalationSettings = field(default_factory=EscalationSettings)
    watch: MonitorSettings = field(default_factory=MonitorSettings)
    journal: JournalSettings = field(default_factory=JournalSettings)
    page: PageSettings = field(default_factory=PageSettings)

    def __post_init__(self) -> None:
        """Refuse what no speaker can be called."""
        for device in self.devices:
            if not re.fullmatch(DEVICE_NAME, device):
                raise ValueError(f"devices must be names of letters, digits, - _ or ., one is {device!r}")


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def _is_origin(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        return False
    extra = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    return has_port and parts.scheme in ("http", "https") and bool(parts.hostname) and not extra
