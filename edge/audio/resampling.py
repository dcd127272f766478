"""Any rate, any number of channels, to the road's 16 kHz mono: what recordings and microphones share."""

import numpy as np
import soxr

from edge.records import SAMPLE_RATE, FloatArray, read_only


class Resampler:
    """Turns frames at the source's rate into 16 kHz mono samples, without a seam between calls.

    The output is as long as the input, to half a sample, once ``finish`` was called; before that it lags by the
    filter's few milliseconds. It stays within -1..1: resampling overshoots at steep edges, and float recordings may
    hold more than full scale; both are clipped as a converter would.
    """

    def __init__(self, rate: int) -> None:
        self._stream = None if rate == SAMPLE_RATE else soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32")

    def push(self, frames: FloatArray) -> FloatArray:
        """Samples float32 [m] that the frames float32 [n, channels] complete; channels are averaged."""
        return self._resample(mono(frames), last=False)

    def finish(self) -> FloatArray:
        """The samples float32 [m] still inside the filter; nothing may be pushed after."""
        return self._resample(np.zeros(0, np.float32), last=True)

    def _resample(self, samples: FloatArray, last: bool) -> FloatArray:
        if self._stream is not None:
            samples = self._stream.resample_chunk(samples, last=last)
        return read_only(np.clip(samples, -1.0, 1.0))


def mono(frames: FloatArray) -> FloatArray:
    """Mean over the channels: float32 [n, channels] -> float32 [n]."""
    return frames[:, 0] if frames.shape[1] == 1 else frames.mean(axis=1, dtype=np.float32)
