"""Where the page listens, and for how long a phone is let in."""

from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit


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
