"""Every failure hushd expects, by name.

    HushdError                      one line: what is wrong and how to mend it
    ├── ConfigurationError          exit 78  a key, value or option the user gave
    ├── AudioError                  exit 2   a recording that cannot be read
    ├── MicrophoneError             exit 74  missing, busy, dead or deaf microphone
    ├── ModelError                  exit 65  missing, corrupt or unfitting model
    ├── BrokerError                 exit 69  unreachable, refusing or misconfigured broker
    ├── PushError                   exit 75  a phone that cannot be reached, or a companion that does not answer
    └── StorageError                exit 73  the outbox is in use by another hushd

Exit codes follow sysexits.h (EX_CONFIG, EX_IOERR, EX_DATAERR, EX_UNAVAILABLE, EX_TEMPFAIL, EX_CANTCREAT), so that
systemd names them in its status; 2 is the public contract of ``hushd replay``.
Anything else is a bug: it crashes with its traceback, and systemd restarts the daemon.
"""

from typing import ClassVar


class HushdError(Exception):
    """An expected failure; ``str()`` is the one line the user reads."""

    exit_code: ClassVar[int] = 1


class ConfigurationError(HushdError):
    """The configuration file or an option is wrong."""

    exit_code = 78


class AudioError(HushdError):
    """A recording is missing, empty, truncated or not audio."""

    exit_code = 2


class MicrophoneError(HushdError):
    """The microphone is missing, busy, or stopped delivering sound."""

    exit_code = 74


class ModelError(HushdError):
    """The model is missing, corrupt, or made for another schema or front end."""

    exit_code = 65


class BrokerError(HushdError):
    """The broker cannot be reached or refuses us."""

    exit_code = 69


class PushError(HushdError):
    """Somewhere on the way to the phones an alert does not get through."""

    exit_code = 75


class StorageError(HushdError):
    """The outbox is in use by another hushd, or is closed."""

    exit_code = 73
