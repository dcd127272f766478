"""Debian 12 machines for tests: copies of a cached base system, booted in a container, gone afterwards.

The base is bare: what debootstrap calls minbase, systemd as its init, python3 and apt. It is made once, into the folder
that HUSHD_TEST_CACHE names (default ~/.cache/hushd-tests), beside what apt and pip download into the machines.
"""

import ast
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.control_group import control_group

REPOSITORY = Path(__file__).parents[2]
CACHE = Path(os.environ.get("HUSHD_TEST_CACHE", "~/.cache/hushd-tests")).expanduser()

_PACKAGES = "systemd,systemd-sysv,python3"
_BOOT_S = 60.0
_PROXIES = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
ENVIRONMENT = {  # of a root's login there, and not of who tests here
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    **_PROXIES,
}


def missing(*tools: str) -> str:
    """Why no machine can be had here; empty if one can."""
    if os.geteuid() != 0:
        return "needs root to boot a container"
    absent = [
        tool for tool in ("git", "debootstrap", "systemd-nspawn", "nsenter", *tools) if shutil.which(tool) is None
    ]
    if absent:
        return f"needs {', '.join(absent)}"
    return (
        "" if (REPOSITORY / ".git").exists() else "needs a git checkout: what a machine gets is what git would commit"
    )


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine, running."""

    root: Path
    """Its file system, as seen from here."""
    enter: tuple[str, ...]
    """The command that runs the command behind it inside."""

    def run(self, *command: str, timeout_s: float = 300.0) -> str:
        """What a command inside prints, on either stream; fails, showing that, if the command does."""
        # Ended by a `timeout` inside: killing nsenter from here would leave the command running. What systemd-nspawn
        # says of itself goes to the standard error out here.
        inside = ["sh", "-c", 'exec timeout --kill-after=5 "$@" 2>&1', "sh", f"{timeout_s:g}", *command]
        done = subprocess.run(
            [*self.enter, *inside],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=ENVIRONMENT,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def write(self, path: str, text: str) -> None:
        """A file inside."""
        target = self.root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


@contextmanager
def booted() -> Iterator[Machine]:
    """A bare Debian 12 for this computer's processor, booted, with this checkout in /root/hushd."""
    with (
        _prepared("amd64" if os.uname().machine == "x86_64" else "arm64") as (root, options),
        _notifications(root) as notifications,
        (CACHE / "console.log").open("w") as console,
        control_group("hushd-test" + str(CACHE).replace("/", "-")) as join,
        subprocess.Popen(
            [*join, *_nspawn(root, options), "--boot", "--notify-ready=yes", "--console=pipe"],
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            env={**os.environ, "NOTIFY_SOCKET": str(notifications.getsockname())},
        ) as container,
    ):
        leader = 0
        try:
            leader = _wait_until_ready(notifications)
            notifications.close()  # or the machine's init would block once it is full
            spaces = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd")
            yield Machine(root, ("nsenter", f"--target={leader}", *spaces))
        finally:
            os.kill(leader or container.pid, signal.SIGKILL)  # its init, and so all of it: nothing there will be missed


@contextmanager
def emulated_arm64() -> Iterator[Machine]:
    """A bare Debian 12 for 64-bit ARM, emulated, not booted, with this checkout in /root/hushd."""
    _enable_emulation()
    with _prepared("arm64") as (root, _):
        # No container: where /proc and /sys tell of this computer's processor, ONNX Runtime, emulated, crashes on them.
        yield Machine(root, ("chroot", str(root)))


@contextmanager
def _prepared(architecture: str) -> Iterator[tuple[Path, list[str]]]:
    """The file system of a new machine and the options that share downloads; one machine at a time."""
    CACHE.mkdir(parents=True, exist_ok=True)
    root = CACHE / "machine"
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(root, ignore_errors=True)  # what a killed test left
        subprocess.run(["cp", "--archive", "--reflink=auto", _base(architecture), root], check=True)
        try:
            shared = {CACHE / f"apt-{architecture}": "/var/cache/apt/archives", CACHE / "pip": "/root/.cache/pip"}
            for folder in shared:
                (folder / "partial").mkdir(parents=True, exist_ok=True)  # apt wants it there
            options = [f"--bind={folder}:{inside}" for folder, inside in shared.items()]
            options += [f"--bind-ro={folder}" for folder in _share_pip_configuration(root)]
            # As Debian's installer writes it, and debootstrap does not.
            (root / "etc" / "hosts").write_text("127.0.0.1 localhost\n::1 localhost ip6-localhost\n")
            (root / "var" / "log" / "journal").mkdir(exist_ok=True)  # on disk, for tests to read
            copy_checkout(root / "root" / "hushd")
            yield root, options
        finally:
            shutil.rmtree(root)


def _nspawn(root: Path, options: list[str]) -> list[str]:
    """systemd-nspawn, also where systemd is not this computer's own init."""
    name = f"hushd-{os.getpid()}"
    flags = ["--quiet", f"--directory={root}", f"--machine={name}", "--register=no", "--keep-unit"]
    return ["systemd-nspawn", *flags, *options]


def _base(architecture: str) -> Path:
    """The cached base system, made if it is not there; takes a minute, emulated four."""
    base = CACHE / f"bookworm-{architecture}"
    if not base.exists():
        unfinished = base.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        subprocess.run(
            ["debootstrap", f"--arch={architecture}", "--variant=minbase", f"--include={_PACKAGES}"]
            + (["--foreign"] if architecture != _own_architecture() else [])
            + ["bookworm", str(unfinished)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        if (unfinished / "debootstrap").exists():
            second_stage = ["chroot", str(unfinished), "/debootstrap/debootstrap", "--second-stage"]
            subprocess.run(second_stage, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
        unfinished.rename(base)
    return base


def _own_architecture() -> str:
    return {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]


def _enable_emulation() -> None:
    """Let this kernel run ARM programs through qemu, as systemd does at boot where it is the init."""
    formats = Path("/proc/sys/fs/binfmt_misc")
    if not (formats / "register").exists():
        subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", str(formats)], check=True)
    if not (formats / "qemu-aarch64").exists():
        (formats / "register").write_text(Path("/usr/lib/binfmt.d/qemu-aarch64.conf").read_text())


def copy_checkout(target: Path) -> None:
    """Copy to ``target`` the files that git would commit, so neither environments nor data."""
    listing = ["git", "-C", str(REPOSITORY), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split("\0"):
        source = REPOSITORY / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target / name)


def _share_pip_configuration(root: Path) -> list[Path]:
    """Let pip inside find packages as it does here; returns the folders that the machine must see for that."""
    listing = [sys.executable, "-m", "pip", "config", "list"]
    folders: set[Path] = set()
    options: dict[str, str] = {}
    for entry in subprocess.run(listing, check=True, capture_output=True, text=True).stdout.splitlines():
        name, _, value = entry.partition("=")
        words = []
        for word in str(ast.literal_eval(value)).split():
            path = Path(word.removeprefix("file://"))
            if path.is_absolute() and path.is_file():  # certificates, constraints: a copy, in case apt brings its own
                copy = root / "etc" / "pip" / path.name
                copy.parent.mkdir(exist_ok=True)
                shutil.copy(path, copy)
                word = f"/etc/pip/{path.name}"  # noqa: PLW2901 - the word as the machine must read it
            elif path.is_absolute() and path.is_dir():
                folders.add(path.parent if word.startswith("file://") else path)  # an index points to files beside it
            words.append(word)
        options.setdefault(name.rpartition(".")[2], " ".join(words))  # first comes what the environment says
    (root / "etc" / "pip.conf").write_text("[global]\n" + "".join(f"{key} = {options[key]}\n" for key in options))
    return sorted(folders)


@contextmanager
def _notifications(root: Path) -> Iterator[socket.socket]:
    """Where systemd-nspawn says that the machine is up."""
    path = root.with_name("notify")
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(path))
        receiver.settimeout(_BOOT_S)
        yield receiver


def _wait_until_ready(notifications: socket.socket) -> int:
    """The process id of the machine's init, once all of it has started."""
    leader = 0
    while True:
        try:
            message = notifications.recv(4096).decode()
        except TimeoutError:
            console = (CACHE / "console.log").read_text()
            raise AssertionError(f"the machine was not up in {_BOOT_S:g} s:\n{console}") from None
        if found := re.search(r"^X_NSPAWN_LEADER_PID=(\d+)$", message, re.MULTILINE):
            leader = int(found[1])
        if re.search(r"^READY=1$", message, re.MULTILINE):
            return leader
