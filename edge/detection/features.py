"""The audio front end: log-mel frames in numpy, the same in training and on the device.

Frame ``k`` covers the 512 samples that end at sample ``250 (k + 1)``, so that each hop yields complete frames at once.
There are 64 frames a second and 64 mel bands. The values equal librosa's
``log(melspectrogram(center=False) + 1e-8)`` of the recording with 262 zeros before it; a test holds this to 1e-4.
"""

import hashlib

import numpy as np
import numpy.typing as npt

from edge.records import SAMPLE_RATE, FloatArray, Hop, LogMel, read_only

FFT_SAMPLES = 512
FRAME_STEP_SAMPLES = 250
FRAMES_PER_SECOND = SAMPLE_RATE // FRAME_STEP_SAMPLES
MELS = 64
MEL_LOW_HZ = 60.0
MEL_HIGH_HZ = 8_000.0
POWER_FLOOR = 1e-8
"""Added before the logarithm: about the mel power of white noise at -88 dBFS."""

SILENCE = float(np.log(POWER_FLOOR))
"""The log-mel value of digital silence."""

FINGERPRINT = hashlib.sha256(
    repr((SAMPLE_RATE, FFT_SAMPLES, FRAME_STEP_SAMPLES, MELS, MEL_LOW_HZ, MEL_HIGH_HZ, POWER_FLOOR)).encode()
).hexdigest()[:16]
"""Identifies the front end; a model trained with another one is rejected."""

_OVERLAP_SAMPLES = FFT_SAMPLES - FRAME_STEP_SAMPLES
_BLOCK_FRAMES = 64
"""Frames of a hop of 1 s, the default: it needs no padding."""


def _hz_to_mel(hz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return mels on Slaney's scale (Auditory Toolbox, 1998): linear to 1 kHz, then 27 mels a factor of 6.4."""
    linear = hz * 3 / 200
    return np.where(hz < 1_000, linear, 15 + 27 * np.log(np.maximum(hz, 1e-9) / 1_000) / np.log(6.4))


def _mel_to_hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(mel < 15, mel * 200 / 3, 1_000 * np.exp((mel - 15) * np.log(6.4) / 27))


_LOWEST_MEL, _HIGHEST_MEL = _hz_to_mel(np.array([MEL_LOW_HZ, MEL_HIGH_HZ]))
_MEL_CORNERS_HZ = _mel_to_hz(np.linspace(_LOWEST_MEL, _HIGHEST_MEL, MELS + 2))

MEL_CENTERS_HZ = _MEL_CORNERS_HZ[1:-1]
"""Center frequency of each band, Hz, float64 [mels]."""


def _mel_matrix() -> FloatArray:
    """Return triangular filters of equal area (Slaney), float32 [bins, mels]."""
    corners = _MEL_CORNERS_HZ
    bins = np.fft.rfftfreq(FFT_SAMPLES, 1 / SAMPLE_RATE)[:, None]
    rising = (bins - corners[:-2]) / (corners[1:-1] - corners[:-2])
    falling = (corners[2:] - bins) / (corners[2:] - corners[1:-1])
    triangles = np.maximum(0.0, np.minimum(rising, falling)) * 2 / (corners[2:] - corners[:-2])
    return read_only(triangles.astype(np.float32))


_MEL_MATRIX = _mel_matrix()
_HANN = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT_SAMPLES) / FFT_SAMPLES)
"""float64, and so is the spectrum: float32 rounding would be visible next to a full-scale tone."""


def _frames(samples: FloatArray, first: int = 0) -> FloatArray:
    """Return the log-mel float32 [frames, mels] of every complete frame in ``samples``, from frame ``first`` on."""
    frames = max(0, 1 + (len(samples) - FFT_SAMPLES) // FRAME_STEP_SAMPLES)
    (step,) = samples.strides
    framed = np.lib.stride_tricks.as_strided(
        samples, (frames, FFT_SAMPLES), (FRAME_STEP_SAMPLES * step, step), writeable=False
    )
    spectrum = np.fft.rfft(framed * _HANN, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    values: FloatArray = np.log(_mel_power(power, first % _BLOCK_FRAMES) + np.float32(POWER_FLOOR))
    return values


def _mel_power(power: FloatArray, row: int) -> FloatArray:
    """Return float32 [frames, mels] of a power spectrum [frames, bins]; ``row`` is the first frame's in its block.

    BLAS chooses the order of the sums by the number of rows and, in OpenBLAS's kernel for AVX2, by a row's place among
    them. In blocks of one size, with each frame in the row of its time, a frame has the same bits in any hop.
    """
    missing = -(row + len(power)) % _BLOCK_FRAMES
    blocks = np.pad(power, ((row, missing), (0, 0))).reshape(-1, _BLOCK_FRAMES, power.shape[1])
    products = [block @ _MEL_MATRIX for block in blocks] or [np.empty((0, MELS), np.float32)]
    return np.concatenate(products)[row : row + len(power)]


def log_mel(samples: FloatArray) -> FloatArray:
    """Return the log-mel float32 [len(samples) // 250, 64] of a whole recording."""
    return _frames(np.concatenate([np.zeros(_OVERLAP_SAMPLES, np.float32), samples]))


def level_dbfs(samples: FloatArray) -> float:
    """Return the RMS level, dB relative to full scale; -120 for digital silence and no samples."""
    power = float(samples @ samples) / len(samples) if len(samples) else 0.0
    return 10 * float(np.log10(max(power, 1e-12)))


class LogMelStream:
    """Log-mel of a stream, hop by hop, with the same values as :func:`log_mel` of the whole."""

    def __init__(self) -> None:
        self._tail = np.zeros(_OVERLAP_SAMPLES, np.float32)
        self._end_sample = 0

    def push(self, hop: Hop) -> LogMel:
        """Return the frames that end within this hop; after a jump in time the past counts as silence."""
        if hop.end_sample - len(hop.samples) != self._end_sample:
            self._tail = np.zeros(_OVERLAP_SAMPLES, np.float32)
        samples = np.concatenate([self._tail, hop.samples])
        first = (hop.end_sample - len(hop.samples)) // FRAME_STEP_SAMPLES
        self._tail = samples[-_OVERLAP_SAMPLES:]
        self._end_sample = hop.end_sample
        return LogMel(read_only(_frames(samples, first)), hop.end_sample, level_dbfs(hop.samples))
