"""A microphone and the device behind it: color, band, own noise, automatic gain and coarse steps.

Most infant clips stop at 4 kHz and most other clips do not. The parameters are drawn independently of the label, so
that a model cannot learn "no highs = baby".

``draw_microphone`` draws the parameters. ``record_scene`` applies them to a whole scene with filters that need all of
it. ``NightMicrophone`` applies them to a night piece by piece with causal filters.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, lfilter, oaconvolve, sosfilt, sosfilt_zi

from edge.records import SAMPLE_RATE, FloatArray
from training.synthesis.room_acoustics import Generator, band_limit

NOISY_DBFS = -65.0
"""Own noise above this makes a microphone noisy."""
NIGHT_LEAST_LEVELING = 0.1
"""A night's automatic gain is strong enough to be worth a slice of its own."""
_KNOTS = 8
_TAPS = 511
_LEVEL_S = 0.25
_REFERENCE_DBFS, _LARGEST_GAIN_DB = -20.0, 25.0

Samples = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Microphone:
    """The drawn parameters of one microphone."""

    color_db: npt.NDArray[np.float64]
    """Gain at each of eight knots over the band."""
    high_pass_hz: float
    low_pass_hz: float | None
    """Upper end of a telephone's band; None for the full band."""
    noise_dbfs: float
    """Level of its own noise."""
    leveling: float
    """Automatic gain: this fraction of a level difference is removed; 0 for a fixed gain."""
    coarse: bool
    """Whether it has the 256 steps of mu-law."""
    seed: int
    """Of the noise."""

    @property
    def response(self) -> tuple[str, ...]:
        """Its band, and its other properties that evaluations slice by."""
        band = "full band" if self.low_pass_hz is None else f"up to {self.low_pass_hz / 1_000:g} kHz"
        more = {
            "noisy": self.noise_dbfs > NOISY_DBFS,
            "automatic gain": self.leveling > 0,
            "coarse": self.coarse,
        }
        return band, *(name for name, present in more.items() if present)


def draw_microphone(rng: Generator, least_leveling: float = 0.0) -> Microphone:
    """Draw a microphone; its automatic gain, if it has one, removes at least ``least_leveling``."""
    color_db = rng.normal(0, 4, _KNOTS)
    high_pass_hz = rng.uniform(20, 200)
    telephone = rng.random() < 0.4
    low_pass_hz = float(rng.choice([3_400, 3_800, 4_000, 5_500, 7_000])) if telephone else None
    noise_dbfs = rng.uniform(-95, -55)
    leveling = rng.uniform(least_leveling, 0.6) if rng.random() < 0.2 else 0.0
    coarse = bool(rng.random() < 0.1)
    return Microphone(color_db, high_pass_hz, low_pass_hz, noise_dbfs, leveling, coarse, int(rng.integers(2**32)))


def record_scene(samples: FloatArray, microphone: Microphone) -> FloatArray:
    """Record a whole scene, float32 [n].

    Automatic gain and coarse steps are relative to the scene's peak, and only a telephone's band has a high-pass.
    """
    spectrum = np.fft.rfft(samples)
    spectrum *= _linear_color(microphone.color_db, len(spectrum))
    colored: FloatArray = np.fft.irfft(spectrum, len(samples)).astype(np.float32)
    if microphone.low_pass_hz is not None:
        colored = band_limit(colored, microphone.high_pass_hz, microphone.low_pass_hz)
    recorded = colored + _noise(np.random.default_rng(microphone.seed), len(colored), microphone)
    if microphone.leveling:
        level = np.sqrt(uniform_filter1d(recorded**2, round(_LEVEL_S * SAMPLE_RATE)) + 1e-8)
        recorded = recorded * _leveling_gain(20 * np.log10(level.max() / level), microphone)
    if microphone.coarse:
        recorded = _quantize_mu_law(recorded, np.abs(recorded).max() + 1e-9)
    clipped: FloatArray = np.clip(recorded, -1, 1).astype(np.float32)
    return clipped


class NightMicrophone:
    """One microphone for a whole night; its filters keep their state from piece to piece."""

    def __init__(self, microphone: Microphone) -> None:
        self._microphone = microphone
        self._rng = np.random.default_rng(microphone.seed)
        self._color = _log_color(microphone.color_db)
        self._tail = np.zeros(_TAPS - 1, np.float32)
        sections = [butter(2, microphone.high_pass_hz, "highpass", fs=SAMPLE_RATE, output="sos")]
        if microphone.low_pass_hz is not None:
            sections.append(butter(8, microphone.low_pass_hz, "lowpass", fs=SAMPLE_RATE, output="sos"))
        self._band = np.concatenate(sections)
        self._band_state = sosfilt_zi(self._band) * 0
        self._level_state = np.array([1e-6])

    def push(self, samples: FloatArray) -> FloatArray:
        """Record the next piece, float32 [n]; automatic gain and coarse steps are relative to full scale."""
        joined = np.concatenate([self._tail, samples])
        self._tail = joined[len(joined) - (_TAPS - 1) :]
        colored = oaconvolve(joined, self._color, mode="valid")
        recorded, self._band_state = sosfilt(self._band, colored, zi=self._band_state)
        recorded = recorded + _noise(self._rng, len(recorded), self._microphone)
        if self._microphone.leveling:
            below_db = np.asarray(_REFERENCE_DBFS - self._level_db(recorded))
            recorded = recorded * _leveling_gain(below_db, self._microphone, _LARGEST_GAIN_DB)
        recorded = np.clip(recorded, -1, 1)
        if self._microphone.coarse:
            recorded = _quantize_mu_law(recorded, 1.0)
        return np.asarray(recorded, np.float32)

    def _level_db(self, recorded: Samples) -> Samples:
        follow = 1 / (_LEVEL_S * SAMPLE_RATE)
        power, self._level_state = lfilter([follow], [1, follow - 1], recorded**2, zi=self._level_state)
        return np.asarray(10 * np.log10(np.maximum(power, 1e-10)))


def _noise(rng: Generator, count: int, microphone: Microphone) -> Samples:
    return rng.standard_normal(count) * 10 ** (microphone.noise_dbfs / 20)


def _leveling_gain(below_db: Samples, microphone: Microphone, largest_db: float = np.inf) -> Samples:
    """Return the gain of sound that is ``below_db`` under the reference, at most ``largest_db``."""
    return np.asarray(10 ** (np.minimum(below_db * microphone.leveling, largest_db) / 20))


def _quantize_mu_law(samples: Samples, peak: float) -> Samples:
    """Round samples to the 256 steps of a telephone (ITU-T G.711 mu-law)."""
    compressed = np.sign(samples) * np.log1p(255 * np.abs(samples) / peak) / np.log(256)
    steps = np.round(compressed * 127) / 127
    return np.asarray(np.sign(steps) * np.expm1(np.abs(steps) * np.log(256)) / 255 * peak)


def _linear_color(color_db: Samples, bins: int) -> FloatArray:
    """Return the gain of ``bins`` frequencies, the knots evenly spaced in Hz."""
    gain_db = np.interp(np.geomspace(1, bins, bins), np.geomspace(1, bins, _KNOTS), color_db)
    return np.power(10.0, gain_db / 20).astype(np.float32)


def _log_color(color_db: Samples) -> FloatArray:
    """Return a linear-phase filter [taps], its knots evenly spaced in octaves from 40 Hz."""
    hz = np.fft.rfftfreq(_TAPS, 1 / SAMPLE_RATE)
    knots_hz = np.geomspace(40, SAMPLE_RATE / 2, _KNOTS)
    gain_db = np.interp(np.log(np.maximum(hz, 40)), np.log(knots_hz), color_db)
    response = np.roll(np.fft.irfft(10 ** (gain_db / 20), _TAPS), _TAPS // 2) * np.hanning(_TAPS)
    taps: FloatArray = response.astype(np.float32)
    return taps
