"""The picture on the phone's home screen: a moon and three waves of sound, drawn here and written as PNG.

Each pixel is its distance to the shapes, so one drawing serves all sizes with smooth edges.
"""

import struct
import zlib
from functools import cache

import numpy as np
import numpy.typing as npt

SIZES = (180, 192, 512)
"""Pixels a side: Apple's home screen, Android's, and its splash."""

_Plane = npt.NDArray[np.float64]

_NIGHT = np.array([16, 20, 38], np.float64)
_MOON = np.array([255, 214, 140], np.float64)
_SOUND = np.array([150, 170, 255], np.float64)


@cache
def png(size: int) -> bytes:
    """The icon, ``size`` pixels a side, without transparency and with its drawing in the middle 80 %.

    So a phone may cut it to a circle or any other shape ("maskable").
    """
    across = (np.arange(size) + 0.5) / size * 2.0 - 1.0
    x, y = np.meshgrid(across, across)
    moon = np.maximum(_disc(x, y, -0.12, 0.0, 0.46), -_disc(x, y, 0.10, -0.10, 0.40))
    picture = _over(np.broadcast_to(_NIGHT, (size, size, 3)), _MOON, moon, size)
    for radius in (0.20, 0.36, 0.52):
        ring = np.abs(np.hypot(x - 0.04, y - 0.02) - radius) - 0.035
        picture = _over(picture, _SOUND, np.maximum(ring, np.abs(y - 0.02) - (x - 0.04) * 0.75), size)
    return _written(np.rint(picture).astype(np.uint8))


def _disc(x: _Plane, y: _Plane, centre_x: float, centre_y: float, radius: float) -> _Plane:
    """Distance to a disc's edge, negative inside; the icon is 2 wide."""
    return np.asarray(np.hypot(x - centre_x, y - centre_y) - radius)


def _over(below: _Plane, color: _Plane, distance: _Plane, size: int) -> _Plane:
    """A shape painted over a picture; its edge is one pixel soft."""
    share = np.clip(0.5 - distance * size / 2.0, 0.0, 1.0)[..., np.newaxis]
    return np.asarray(below * (1.0 - share) + color * share)


def _written(picture: npt.NDArray[np.uint8]) -> bytes:
    """As PNG: 8 bits, RGB, no filter on any row."""
    height, width, _ = picture.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), picture.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
