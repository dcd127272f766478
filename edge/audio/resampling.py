"""Conversion of any sample rate and channel count to the pipeline's 16 kHz mono."""

import numpy as np
import soxr

from edge.records import SAMPLE_RATE, FloatArray, read_only


class Resampler:
    """Streaming converter from frames at the source's rate to 16 kHz mono samples.

    The output is as long as the input, to half a sample, after ``finish``. Before, it lags by the filter's few
    milliseconds. Values are clipped to -1..1, as by a converter: resampling overshoots at steep edges, and float
    recordings may exceed full scale.
    """

    def __init__(self, rate: int) -> None:
        self._stream = None if rate == SAMPLE_RATE else soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32")

    def push(self, frames: FloatArray) -> FloatArray:
        """Return the samples float32 [m] that the frames float32 [n, channels] complete; channels are averaged."""
        return self._resample(mono(frames), last=False)

    def finish(self) -> FloatArray:
        """Return the samples float32 [m] still in the filter; the last call."""
        return self._resample(np.zeros(0, np.float32), last=True)

    def _resample(self, samples: FloatArray, last: bool) -> FloatArray:
        if self._stream is not None:
            samples = self._stream.resample_chunk(samples, last=last)
        return read_only(np.clip(samples, -1.0, 1.0))


def mono(frames: FloatArray) -> FloatArray:
    """Return the mean over the channels: float32 [n, channels] -> float32 [n]."""
    return frames[:, 0] if frames.shape[1] == 1 else frames.mean(axis=1, dtype=np.float32)
