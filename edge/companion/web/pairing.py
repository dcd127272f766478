"""The pairing link, to be opened on a phone, and the same as a QR code to be photographed."""

import io
import socket
from urllib.parse import urlsplit

from edge.companion.web.sessions import SessionStore
from edge.config.companion import PageSettings
from edge.errors import ConfigurationError

_ANYWHERE = {"0.0.0.0": "192.0.2.1", "::": "2001:db8::1"}  # noqa: S104 - to recognize them
"""Addresses that stand for all of this machine's; beside each, one far away to find ours by."""


def page_url(settings: PageSettings, port: int) -> str:
    """Where phones reach the page: ``http://192.168.1.20:8127``."""
    if settings.url is not None:
        return settings.url.rstrip("/")
    host = _find_own_address(settings.host) if settings.host in _ANYWHERE else settings.host
    return f"{'https' if settings.is_secure else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def build_invitation(access: SessionStore, settings: PageSettings, port: int) -> str:
    """A new pairing link, in words and as a QR code of characters."""
    # After the # nothing is sent to any server, so the code stands in no log, and no preview uses it up.
    link = f"{page_url(settings, port)}/pair#{access.invite()}"
    lines = [f"Open this on the phone, once, within {settings.pairing_minutes:g} minutes:", "", f"    {link}", ""]
    if not settings.is_public and settings.url is None:
        lines += ["Only this machine reaches the page. For phones, set the page's host to 0.0.0.0.", ""]
    elif not settings.is_secure and not _is_local(link):
        lines += ["Without TLS, whoever shares this network can read along, and the page cannot be installed.", ""]
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


def _find_own_address(anywhere: str) -> str:
    """The address by which this machine would speak to the world; nothing is sent to find it."""
    family = socket.AF_INET6 if anywhere == "::" else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((_ANYWHERE[anywhere], 9))
        except OSError:  # no network yet
            return f"{socket.gethostname()}.local"
        return str(probe.getsockname()[0])
