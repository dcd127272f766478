"""A control group for each machine: two systemds in one would take each other's services for their own."""

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# systemd's hierarchies: alone (version 2), or beside those of version 1.
_HIERARCHIES = [
    folder
    for folder in (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/systemd"), Path("/sys/fs/cgroup/unified"))
    if (folder / "cgroup.procs").exists()
]
_JOIN = 'for group in $GROUPS_TO_JOIN; do echo $$ >"$group/cgroup.procs"; done; exec "$@"'


@contextmanager
def control_group(name: str) -> Iterator[list[str]]:
    """A new group, as the command that runs the command behind it there; whatever is left there ends with it."""
    groups = [hierarchy / name for hierarchy in _HIERARCHIES]
    for group in groups:
        _remove(group)  # what a killed test left
        group.mkdir()
    try:
        yield ["env", f"GROUPS_TO_JOIN={' '.join(map(str, groups))}", "sh", "-c", _JOIN, "sh"]
    finally:
        for group in groups:
            _remove(group)


def _remove(group: Path) -> None:
    for members in group.rglob("cgroup.procs"):
        for pid in map(int, members.read_text().split()):
            with suppress(ProcessLookupError):  # it ended by itself, or with the one before
                _kill(pid)
    for folder, _, _ in os.walk(group, topdown=False):
        Path(folder).rmdir()


def _kill(pid: int) -> None:
    """Kill a process and wait until it is gone, which for a machine's init is when all in it are."""
    process = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(process, signal.SIGKILL)
        select.select([process], [], [], 10)
    finally:
        os.close(process)
