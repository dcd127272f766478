"""A room without hardware: a PulseAudio daemon of one's own, whose null sink ``room`` a microphone hears.

What is played into the sink comes out of its monitor, in real time, through ALSA's pulse plugin, so that PortAudio
records it as it would a sound card. Any number of rooms may be open at once; nothing of the machine's own sound
setup is used or touched. Give ``environment`` to the process that should listen, and open the microphone ``room``.

    @pytest.fixture
    def room() -> Iterator[VirtualRoom]:
        with VirtualRoom() as room:
            yield room
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

NEEDED = ("pulseaudio", "paplay")
START_SECONDS = 30.0


class VirtualRoom:
    """A room one can play sounds into; skips the test where PulseAudio is not installed."""

    def __init__(self, rate: int = 16_000) -> None:
        missing = [program for program in NEEDED if shutil.which(program) is None]
        if missing:
            pytest.skip(f"no {', '.join(missing)} here: apt install pulseaudio pulseaudio-utils libasound2-plugins")
        self._rate = rate
        self._daemon: subprocess.Popen[bytes] | None = None
        self._players: list[subprocess.Popen[bytes]] = []
        self.folder = Path(tempfile.mkdtemp(prefix="room-"))  # short: a socket's path may have 107 characters
        self._socket = self.folder / "native"
        self.alsa_config = self.folder / "asound.conf"
        """ALSA's configuration in this room: its defaults and ``room``; append other microphones as you like."""
        self.alsa_config.write_text(
            "</usr/share/alsa/alsa.conf>\n"  # PortAudio 19.6 aborts on a configuration of one device and nothing else
            f'pcm.room {{ type pulse server "unix:{self._socket}" device "room.monitor" }}\n'
            f'ctl.room {{ type pulse server "unix:{self._socket}" }}\n'
        )
        self.environment = {
            **os.environ,
            "HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder),
            "XDG_RUNTIME_DIR": str(self.folder),
            "PULSE_RUNTIME_PATH": str(self.folder),
            "PULSE_STATE_PATH": str(self.folder),
            "PULSE_SERVER": f"unix:{self._socket}",
            "ALSA_CONFIG_PATH": str(self.alsa_config),
        }
        """The environment in which PortAudio hears this room and nothing else."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for player in self._players:
            player.kill()
            player.wait()
        self.kill()
        print((self.folder / "pulseaudio.log").read_text("utf-8", "replace"))  # pytest shows it where the test fails
        shutil.rmtree(self.folder)

    def start(self) -> None:
        """Start the daemon and wait until it answers."""
        sink = f"module-null-sink sink_name=room rate={self._rate} channels=1"
        protocol = f"module-native-protocol-unix auth-anonymous=1 socket={self._socket}"
        with (self.folder / "pulseaudio.log").open("ab") as log:
            self._daemon = subprocess.Popen(
                ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "-L", sink, "-L", protocol],
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        deadline_s = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._daemon.poll() is not None or time.monotonic() > deadline_s:
                pytest.fail(f"PulseAudio did not start: {(self.folder / 'pulseaudio.log').read_text()}")
            time.sleep(0.02)  # nobody tells when a socket begins to listen

    def kill(self) -> None:
        """Kill the daemon at once, as a crash would; ``start`` brings the room back."""
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait()
            self._daemon = None
        self._socket.unlink(missing_ok=True)
        (self.folder / "pid").unlink(missing_ok=True)

    def play(self, path: Path) -> None:
        """Play a sound file into the room and wait for its end."""
        player = self.start_playing(path)
        if player.wait() != 0:
            pytest.fail(f"paplay could not play {path}")

    def start_playing(self, path: Path) -> "subprocess.Popen[bytes]":
        """Play a sound file into the room; the room stops it when it closes."""
        player = subprocess.Popen(["paplay", "--device=room", str(path)], env=self.environment)
        self._players.append(player)
        return player

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            return connection.connect_ex(str(self._socket)) == 0
