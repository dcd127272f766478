"""Settings of the companion: the section ``phone`` of the configuration."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from edge.protocol.topics import DEVICE_NAME


@dataclass(frozen=True, slots=True)
class EscalationSettings:
    """Intervals of the escalation, seconds."""

    repeat_every_s: float = 60.0
    """An alert without an answer rings again after this time, or with the speaker's reminder."""
    escalate_after_s: float = 180.0
    """An alert without an answer for this time also goes to the second list."""
    pause_s: float = 20.0
    """Minimum pause between two rings for one speaker."""
    heartbeat_grace_s: float = 5.0
    """A heartbeat that reports crying rings if its event does not arrive within this time."""
    give_up_after_s: float = 600.0
    """If a speaker sends no more messages during a cry, it rings for this time."""

    def __post_init__(self) -> None:
        """Raise ValueError for a value outside its range."""
        for name in self.__slots__:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0 seconds, is {getattr(self, name):g}")
        if self.pause_s > self.repeat_every_s:
            raise ValueError(f"pause_s must be at most repeat_every_s ({self.repeat_every_s:g}), is {self.pause_s:g}")


@dataclass(frozen=True, slots=True)
class MonitorSettings:
    """Delays of the alarms, seconds."""

    alarm_after_s: float = 60.0
    """A silent speaker, a microphone without sound or an unreachable broker raises an alarm after this time.

    A speaker with a long heartbeat interval raises it after three heartbeats without one.
    """
    clear_after_s: float = 30.0
    """An alarm ends after this time without its problem; up to 16 times longer for one that keeps coming back."""

    def __post_init__(self) -> None:
        """Raise ValueError for a value outside its range."""
        if not (self.alarm_after_s > 0 and self.clear_after_s > 0):
            raise ValueError("alarm_after_s and clear_after_s must be more than 0 seconds")


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """Limits of the stored history."""

    keep_days: float = 30.0
    """Days after which an event is deleted."""
    max_events: int = 20_000
    """Maximum number of events; the oldest are deleted."""

    def __post_init__(self) -> None:
        """Raise ValueError for a value outside its range."""
        if not 0 < self.keep_days <= 3_650:
            raise ValueError("keep_days must be above 0 and at most 3650")
        if self.max_events < 1:
            raise ValueError("max_events must be at least 1")


@dataclass(frozen=True, slots=True)
class PushSettings:
    """Recipients of pushes, and the attempts to deliver them."""

    first: tuple[str, ...] = ()
    """Recipients of every alert: Apprise URLs, such as ntfys://ntfy.sh/TOPIC or pover://USER@TOKEN."""
    second: tuple[str, ...] = ()
    """Further recipients of an alert without an answer."""
    information: bool = True
    """Whether soothing, the end of a cry and answers are pushed, too, without sound."""
    retry_min_s: float = 2.0
    """Maximum seconds before the second attempt; doubled for each further one."""
    retry_max_s: float = 30.0
    """Maximum seconds between two attempts."""
    max_age_s: float = 600.0
    """A push without delivery for this time is discarded."""
    late_after_s: float = 30.0
    """A push without delivery for this time is marked as late; so is an event older than this."""

    def __post_init__(self) -> None:
        """Raise ValueError for a value outside its range."""
        if not 0 < self.retry_min_s <= self.retry_max_s <= 3_600:
            raise ValueError("retry_min_s must be above 0 and at most retry_max_s, that at most 3600")
        if not 0 < self.late_after_s <= self.max_age_s:
            raise ValueError("late_after_s must be above 0 and at most max_age_s")

    def __repr__(self) -> str:
        """Format without the URLs, which contain secrets."""
        return f"PushSettings({len(self.first)} first, {len(self.second)} second)"


@dataclass(frozen=True, slots=True)
class PageSettings:
    """Settings of the page: its address, certificate, sessions and pairing."""

    host: str = "127.0.0.1"
    """Address to listen on: 127.0.0.1 for this machine only, 0.0.0.0 for the home network."""
    port: int = 8127
    """TCP port; 0 takes a free one."""
    url: str | None = None
    """Address of the page for phones, if it differs from this machine's: https://baby.example:8443."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks, such as 127.0.0.1, of reverse proxies whose X-Forwarded-For is trusted."""
    tls_cert: Path | None = None
    """Certificate of the page with its chain; with it, the page uses https and can be installed on a phone."""
    tls_key: Path | None = None
    """Private key of the certificate, unless tls_cert contains it."""
    session_days: float = 90.0
    """Days without a visit after which a phone must be paired again."""
    pairing_minutes: float = 10.0
    """Minutes for which a pairing link is valid."""

    def __post_init__(self) -> None:
        """Raise ValueError for a value outside its range."""
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
        """Whether phones use https, from this server or from a proxy."""
        return self.tls_cert is not None or (self.url or "").startswith("https:")

    @property
    def is_public(self) -> bool:
        """Whether other machines can reach the page."""
        if self.host == "localhost":
            return False
        try:
            return not ip_address(self.host).is_loopback
        except ValueError:
            return True


@dataclass(frozen=True, slots=True)
class PhoneSettings:
    """`hushd phone`, the companion that alerts the parents' phones without Home Assistant."""

    devices: tuple[str, ...] = ()
    """Speakers to monitor from the start; a speaker that has sent a message is monitored anyway."""
    serve_page: bool = True
    """Whether to serve the page for the phones' browsers."""
    push: PushSettings = field(default_factory=PushSettings)
    calling: EscalationSettings = field(default_factory=EscalationSettings)
    watch: MonitorSettings = field(default_factory=MonitorSettings)
    journal: JournalSettings = field(default_factory=JournalSettings)
    page: PageSettings = field(default_factory=PageSettings)

    def __post_init__(self) -> None:
        """Raise ValueError for a name that no speaker can have."""
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
