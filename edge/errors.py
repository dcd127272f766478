"""The exceptions of expected failures.

    HushdError                      one line: the problem and its remedy
    ├── ConfigurationError          exit 78  a key, value or option of the user
    ├── AudioError                  exit 2   a recording that cannot be read
    ├── MicrophoneError             exit 74  missing, busy, dead or silent microphone
    ├── ModelError                  exit 65  missing, corrupt or incompatible model
    ├── BrokerError                 exit 69  unreachable, rejecting or misconfigured broker
    ├── PushError                   exit 75  an unreachable phone, or a companion that does not answer
    └── StorageError                exit 73  a file that is in use or cannot be written

Exit codes follow sysexits.h (EX_CONFIG, EX_IOERR, EX_DATAERR, EX_UNAVAILABLE, EX_TEMPFAIL, EX_CANTCREAT), so that
systemd names them in its status. 2 is the public contract of ``hushd replay``.
Any other exception is a bug: it ends the process with its traceback, and systemd restarts the daemon.
"""

from typing import ClassVar


class HushdError(Exception):
    """An expected failure; ``str()`` is one line for the user."""

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
    """The model is missing, corrupt, or made for another guideline or front end."""

    exit_code = 65


class BrokerError(HushdError):
    """The broker cannot be reached or rejects the connection."""

    exit_code = 69


class PushError(HushdError):
    """An alert does not reach the phones."""

    exit_code = 75


class StorageError(HushdError):
    """A database is in use by another hushd or closed, or a file cannot be written."""

    exit_code = 73
