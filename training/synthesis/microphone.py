"""One microphone for a whole night, heard piece by piece: its color, noise and habits do not change between acts.

Apart from ``room_acoustics.microphone``, which draws another one for each scene and needs the whole of it.
"""

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, lfilter, oaconvolve, sosfilt, sosfilt_zi

from edge.records import SAMPLE_RATE, FloatArray
from training.synthesis.room_acoustics import Generator

NOISY_DBFS = -65.0
"""A microphone whose own noise is louder is called noisy."""
_TAPS = 511
_FOLLOW_S = 0.25
_REFERENCE_DBFS, _LARGEST_GAIN_DB = -20.0, 25.0


class NightMicrophone:
    """What the drawn microphone makes of the sound before it; state carries over from piece to piece."""

    def __init__(self, rng: Generator) -> None:
        self._rng = rng
        self._color = _equalizer(rng)
        self._tail = np.zeros(_TAPS - 1, np.float32)
        sections = [butter(2, rng.uniform(20, 200), "highpass", fs=SAMPLE_RATE, output="sos")]
        self._low_pass_hz: float | None = None
        if rng.random() < 0.4:  # a telephone's band
            self._low_pass_hz = float(rng.choice([3_400, 3_800, 4_000, 5_500, 7_000]))
            sections.append(butter(8, self._low_pass_hz, "lowpass", fs=SAMPLE_RATE, output="sos"))
        self._band = np.concatenate(sections)
        self._band_state = sosfilt_zi(self._band) * 0
        self.noise_dbfs = float(rng.uniform(-95, -55))
        self._leveling = rng.uniform(0.1, 0.6) if rng.random() < 0.2 else 0.0
        self._envelope_state = np.array([1e-6])
        self._coarse = rng.random() < 0.1

    @property
    def response(self) -> tuple[str, ...]:
        """What distinguishes it, in words one can slice by; its band is always among them."""
        band = "full band" if self._low_pass_hz is None else f"up to {self._low_pass_hz / 1_000:g} kHz"
        more = {
            "noisy": self.noise_dbfs > NOISY_DBFS,
            "automatic gain": self._leveling > 0,
            "coarse": self._coarse,
        }
        return band, *(habit for habit, has in more.items() if has)

    def push(self, samples: FloatArray) -> FloatArray:
        """The next piece as recorded, float32 [n]."""
        joined = np.concatenate([self._tail, samples])
        self._tail = joined[len(joined) - (_TAPS - 1) :]
        heard = oaconvolve(joined, self._color, mode="valid")
        heard, self._band_state = sosfilt(self._band, heard, zi=self._band_state)
        heard = heard + self._rng.standard_normal(len(heard)) * 10 ** (self.noise_dbfs / 20)
        if self._leveling:
            heard = heard * self._gain(heard)
        heard = np.clip(heard, -1, 1)
        if self._coarse:  # mu-law in 256 steps
            pressed = np.round(127 * np.sign(heard) * np.log1p(255 * np.abs(heard)) / np.log(256)) / 127
            heard = np.sign(pressed) * np.expm1(np.abs(pressed) * np.log(256)) / 255
        recorded: FloatArray = heard.astype(np.float32)
        return recorded

    def _gain(self, heard: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Automatic gain: the louder it has just been, the less."""
        follow = 1 / (_FOLLOW_S * SAMPLE_RATE)
        power, self._envelope_state = lfilter([follow], [1, follow - 1], heard**2, zi=self._envelope_state)
        below_db = _REFERENCE_DBFS - 10 * np.log10(np.maximum(power, 1e-10))
        gain: npt.NDArray[np.float64] = np.power(10, np.minimum(below_db * self._leveling, _LARGEST_GAIN_DB) / 20)
        return gain


def _equalizer(rng: Generator) -> FloatArray:
    """A gentle random color as a linear-phase filter: 4 dB of spread over eight octaves."""
    hz = np.fft.rfftfreq(_TAPS, 1 / SAMPLE_RATE)
    knots_hz = np.geomspace(40, SAMPLE_RATE / 2, 8)
    gain_db = np.interp(np.log(np.maximum(hz, 40)), np.log(knots_hz), rng.normal(0, 4, 8))
    response = np.roll(np.fft.irfft(10 ** (gain_db / 20), _TAPS), _TAPS // 2) * np.hanning(_TAPS)
    taps: FloatArray = response.astype(np.float32)
    return taps
