"""Settings of the MQTT broker: address, authentication, topics and timing."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from edge.errors import BrokerError
from edge.protocol.topics import Topics

_DEFAULT_PORTS = {"mqtt": 1883, "mqtts": 8883}
_MAX_KEEPALIVE_S = 65_535
"""Maximum of the 16 bits in MQTT."""
_LONGEST_SETTING_S = 3_600.0
"""Upper limit in the validation of heartbeat_s, connect_timeout_s and retry_max_s. It is not a wait itself."""
SERVICE_PASSWORD = Path("/etc/hushd/mqtt.password")
"""The file that systemd gives to the service; hushd started by hand on the same speaker reads it, too."""


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """The broker, and the way to connect to it."""

    url: str = field(default="mqtt://localhost:1883", repr=False)
    """mqtt://[user[:password]@]host[:port], mqtts://..., ``embedded`` or ``none``."""
    username: str | None = None
    """Used where the url names no user."""
    password: str | None = field(default=None, repr=False)
    """Used where the url has no password. Without it, password_file is used, and then /etc/hushd/mqtt.password."""
    password_file: Path | None = None
    """A file whose first line is the password."""
    tls_ca: Path | None = None
    """Certificates to trust, for mqtts; None trusts those of the system."""
    tls_cert: Path | None = None
    """The client certificate, where the broker requires one."""
    tls_key: Path | None = None
    """The private key of tls_cert, unless tls_cert contains it."""
    prefix: str = "hushd/{device}"
    """Root of all topics; {device} stands for the name of the device."""
    home_assistant: bool = True
    """Whether to publish MQTT discovery, so that the speaker appears in Home Assistant by itself."""
    discovery_prefix: str = "homeassistant"
    """Topic prefix of MQTT discovery, as set in Home Assistant."""
    heartbeat_s: float = 10.0
    """Seconds between two messages on /state."""
    keepalive_s: int = 15
    """Keepalive of MQTT, seconds; the broker publishes the last will after 1.5 times this without a sign of hushd."""
    connect_timeout_s: float = 5.0
    """Seconds to wait for the reply of the broker."""
    retry_min_s: float = 1.0
    """Maximum wait before the second attempt to connect, seconds; it doubles for each further one."""
    retry_max_s: float = 15.0
    """Maximum wait between attempts, seconds."""

    def __post_init__(self) -> None:
        """Raise ValueError for settings that cannot work."""
        if self.url not in ("embedded", "none"):
            self._check_url()
        Topics.of(self.prefix, "device")
        Topics(self.discovery_prefix)
        if self.heartbeat_s <= 0 or self.keepalive_s < 1 or self.connect_timeout_s <= 0:
            raise ValueError("broker heartbeat_s, keepalive_s and connect_timeout_s must be above 0")
        if self.keepalive_s > _MAX_KEEPALIVE_S:
            raise ValueError(f"broker keepalive_s must be at most {_MAX_KEEPALIVE_S}")
        if not 0 < self.retry_min_s <= self.retry_max_s:
            raise ValueError("broker retry_min_s must be above 0 and at most retry_max_s")
        if max(self.heartbeat_s, self.connect_timeout_s, self.retry_max_s) > _LONGEST_SETTING_S:
            raise ValueError(
                f"broker heartbeat_s, connect_timeout_s and retry_max_s must be at most {_LONGEST_SETTING_S:g}"
            )

    def _check_url(self) -> None:
        if not self.url.isprintable():
            raise ValueError("broker url contains a control character: remove it")
        parts = self._parts
        try:
            port = parts.port
        except ValueError:
            port = 0
        if port == 0:  # urlsplit's own message could quote a password that contains a slash
            raise ValueError("broker url needs a port from 1 to 65535; write / in a password as %2F")
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ValueError("broker url must be mqtt://[user[:password]@]host[:port], mqtts://..., embedded or none")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("broker url must end after the port: topics are set by prefix")
        if parts.scheme == "mqtt" and (self.tls_ca or self.tls_cert or self.tls_key):
            raise ValueError("broker tls_ca, tls_cert and tls_key need an mqtts:// url")
        if self.tls_key and not self.tls_cert:
            raise ValueError("broker tls_key needs tls_cert")
        if (parts.password or self.password or self.password_file) and not (parts.username or self.username):
            raise ValueError("broker password, or password_file, needs a username")

    @property
    def _parts(self) -> SplitResult:
        return urlsplit(self.url)

    @property
    def host(self) -> str:
        """The broker's host name or address."""
        return self._parts.hostname or ""

    @property
    def port(self) -> int:
        """The broker's TCP port."""
        return self._parts.port or _DEFAULT_PORTS[self._parts.scheme]

    @property
    def address(self) -> str:
        """HOST:PORT for messages, without credentials."""
        return f"{self.host}:{self.port}"

    def credentials(self, service_password: Path = SERVICE_PASSWORD) -> tuple[str, str | None] | None:
        """Return user name and password, None for an anonymous connection; raise BrokerError for an unreadable file."""
        username = unquote(self._parts.username or "") or self.username
        if not username:
            return None
        if self._parts.password is not None:
            return username, unquote(self._parts.password)
        if self.password is not None:
            return username, self.password
        if self.password_file is not None:
            return username, _read_first_line("password_file", self.password_file)
        credential = Path(os.environ.get("CREDENTIALS_DIRECTORY", "")) / "mqtt"
        if credential.is_absolute():
            return username, _read_first_line("systemd credential", credential) if credential.exists() else None
        return username, _service_password(service_password)

    def tls(self) -> ssl.SSLContext | None:
        """Return the TLS context of the current files, None without TLS; raise BrokerError for an unusable file."""
        if self._parts.scheme != "mqtts":
            return None
        with _naming("tls_ca", self.tls_ca):
            context = ssl.create_default_context(cafile=self.tls_ca)
        if self.tls_cert is not None:
            with _naming("tls_cert", self.tls_cert):
                context.load_cert_chain(self.tls_cert, self.tls_key)
        context.sslsocket_class = _SelfClosingSocket
        return context


class _SelfClosingSocket(ssl.SSLSocket):
    """A socket that closes itself when the handshake fails; paho leaves it open at each attempt."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def _service_password(path: Path) -> str | None:
    """Return the password that systemd gives to the service; None where the file does not exist."""
    try:
        return _read_first_line("password", path)
    except BrokerError as error:
        match error.__cause__:
            case FileNotFoundError():
                return None
            case PermissionError():
                raise BrokerError(f"broker password {path} cannot be read by this user: use sudo") from None
            case _:
                raise


def _read_first_line(what: str, path: Path) -> str:
    with _naming(what, path):
        text = path.read_text("utf-8")
    return text.partition("\n")[0].rstrip("\r")


@contextmanager
def _naming(what: str, path: Path | None) -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:  # ssl.SSLError is an OSError
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise BrokerError(f"broker {what} {path} cannot be used: {reason}") from error
