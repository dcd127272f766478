"""Pairing link and its QR code, to be opened on a phone."""

import io
import socket
from urllib.parse import urlsplit

from edge.companion.web.sessions import SessionStore
from edge.config.companion import PageSettings
from edge.errors import ConfigurationError

_WILDCARDS = {"0.0.0.0": "192.0.2.1", "::": "2001:db8::1"}  # noqa: S104 - to recognize them
"""Wildcard addresses; each with a documentation address that serves to find this machine's own."""


def page_url(settings: PageSettings, port: int) -> str:
    """Return the address at which phones reach the page, such as ``http://192.168.1.20:8127``."""
    if settings.url is not None:
        return settings.url.rstrip("/")
    host = _find_own_address(settings.host) if settings.host in _WILDCARDS else settings.host
    return f"{'https' if settings.is_secure else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def build_invitation(sessions: SessionStore, settings: PageSettings, port: int) -> str:
    """Make a pairing code; return its link, advice and QR code as text for a terminal."""
    # Browsers send no fragment (#...) to servers, so the code appears in no log, and no link preview uses it up.
    link = f"{page_url(settings, port)}/pair#{sessions.invite()}"
    lines = [f"Open this on the phone, once, within {settings.pairing_minutes:g} minutes:", "", f"    {link}", ""]
    if not settings.is_public and settings.url is None:
        lines += ["Only this machine reaches the page. For phones, set the page's host to 0.0.0.0.", ""]
    elif not settings.is_secure and not _is_local(link):
        lines += [
            "Without TLS, everybody on this network can read the page's traffic, and the page cannot be installed.",
            "",
        ]
    return "\n".join([*lines, _render_qr(link)])


def _render_qr(link: str) -> str:
    try:
        import segno  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigurationError("the QR code needs segno: pip install 'hushd[phone]'") from error
    picture = io.StringIO()
    segno.make(link, error="m", micro=False).terminal(picture, border=2, compact=True)
    return picture.getvalue()


def _is_local(link: str) -> bool:
    return urlsplit(link).hostname in ("localhost", "127.0.0.1", "::1")


def _find_own_address(wildcard: str) -> str:
    """Return the address of this machine's default route; connecting a UDP socket sends no packet."""
    family = socket.AF_INET6 if wildcard == "::" else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((_WILDCARDS[wildcard], 9))
        except OSError:  # no network yet
            return f"{socket.gethostname()}.local"
        return str(probe.getsockname()[0])
