"""A microphone for a machine without a sound card: an ALSA device that reads a named pipe, and what speaks into it."""

import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.support.debian import Machine

_RATE = 16_000
_BLOCK = 1600
_PIPE = "/srv/room"

_ASOUND = f"""
pcm.room {{ type file slave.pcm null file /dev/null infile {_PIPE} format raw hint {{ show on description "A room" }} }}
pcm.!default {{ type plug slave {{ pcm room format S16_LE rate {_RATE} channels 1 }} }}
"""


@contextmanager
def microphone(machine: Machine, samples: npt.NDArray[np.float32]) -> Iterator[None]:
    """Play ``samples`` (16 kHz) into the machine's default microphone, in real time, again and again.

    The pipe sets the pace: ALSA waits for it as it would for a sound card. What nobody reads is lost, as in a room.
    """
    pipe = machine.root / _PIPE.lstrip("/")
    os.mkfifo(pipe)
    pipe.chmod(0o644)
    machine.write("/etc/asound.conf", _ASOUND)
    stop = threading.Event()
    player = threading.Thread(target=_play, args=(pipe, _blocks(samples), stop))
    player.start()
    try:
        yield
    finally:
        stop.set()
        player.join()


def _blocks(samples: npt.NDArray[np.float32]) -> Iterator[bytes]:
    whole = np.resize(samples, -(-len(samples) // _BLOCK) * _BLOCK)
    pcm = (np.clip(whole, -1, 1) * 32767).astype("<i2").reshape(-1, _BLOCK)
    return cycle([block.tobytes() for block in pcm])


def _play(pipe: Path, blocks: Iterable[bytes], stop: threading.Event) -> None:
    # Open for reading too, so that writing does not fail while nobody listens.
    descriptor = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    try:
        start_s = time.monotonic()
        for count, block in enumerate(blocks):
            if stop.wait(max(0.0, start_s + count * _BLOCK / _RATE - time.monotonic())):
                return
            try:
                os.write(descriptor, block)
            except BlockingIOError:
                continue  # the pipe is full: nobody listens
    finally:
        os.close(descriptor)
