"""The front end equals librosa's, and the stream equals the whole."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.detection import features
from edge.detection.features import FFT_SAMPLES, FRAME_STEP_SAMPLES, MELS, SILENCE, LogMelStream, level_dbfs, log_mel
from edge.records import HOP_STEP_SAMPLES, SAMPLE_RATE, FloatArray, Hop

SECONDS = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE


@pytest.fixture(scope="session")
def reference() -> Callable[[FloatArray], FloatArray]:
    """Return librosa's log-mel once it is loaded and compiled, which takes seconds."""
    librosa_log_mel(np.zeros(SAMPLE_RATE, np.float32))
    return librosa_log_mel


def librosa_log_mel(samples: FloatArray) -> FloatArray:
    """Return librosa's log-mel, as described in the module."""
    import librosa  # noqa: PLC0415 - slow to load, and only needed here

    power = librosa.feature.melspectrogram(
        y=np.concatenate([np.zeros(FFT_SAMPLES - FRAME_STEP_SAMPLES, np.float32), samples]),
        sr=SAMPLE_RATE,
        n_fft=FFT_SAMPLES,
        hop_length=FRAME_STEP_SAMPLES,
        center=False,
        n_mels=MELS,
        fmin=features.MEL_LOW_HZ,
        fmax=features.MEL_HIGH_HZ,
    )
    values: FloatArray = np.log(power.T + np.float32(features.POWER_FLOOR))
    return values


def noise(dbfs: float) -> FloatArray:
    return np.random.default_rng(1).normal(0, 10 ** (dbfs / 20), len(SECONDS)).astype(np.float32)


def tone(hz: float, amplitude: float = 1.0) -> FloatArray:
    return (amplitude * np.sin(2 * np.pi * hz * SECONDS)).astype(np.float32)


def cry(pitch_hz: float = 450.0) -> FloatArray:
    """Return bursts of a second with gliding harmonics."""
    phase = 2 * np.pi * np.cumsum(pitch_hz * (1 + 0.2 * np.sin(2 * np.pi * SECONDS))) / SAMPLE_RATE
    voice = sum(np.sin(harmonic * phase) / harmonic for harmonic in range(1, 8))
    return (0.3 * voice * (SECONDS % 1.3 < 1)).astype(np.float32)


def click() -> FloatArray:
    samples = np.zeros(len(SECONDS), np.float32)
    samples[20_000] = 1.0
    return samples


SIGNALS: dict[str, Callable[[], FloatArray]] = {
    "loud noise": lambda: noise(-10),
    "room noise": lambda: noise(-60),
    "below the floor": lambda: noise(-100),
    "digital silence": lambda: np.zeros(len(SECONDS), np.float32),
    "full-scale tone": lambda: tone(1_000),
    "low tone": lambda: tone(65),
    "tone at the edge": lambda: tone(7_990),
    "clipping": lambda: np.clip(5 * tone(440), -1, 1),
    "constant": lambda: np.full(len(SECONDS), 0.5, np.float32),
    "cry": cry,
    "click": click,
}


@pytest.mark.parametrize("name", SIGNALS)
def test_equal_to_librosa(name: str, reference: Callable[[FloatArray], FloatArray]) -> None:
    samples = SIGNALS[name]()
    ours = log_mel(samples)
    assert ours.shape == (len(samples) // FRAME_STEP_SAMPLES, MELS)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, reference(samples), rtol=0, atol=1e-4)


@given(
    noise_dbfs=st.floats(-110, -3),
    hz=st.floats(20, 7_999),
    tone_dbfs=st.floats(-90, 0),
)
@settings(max_examples=40, deadline=None)
def test_equal_to_librosa_at_any_level_and_pitch(
    reference: Callable[[FloatArray], FloatArray], noise_dbfs: float, hz: float, tone_dbfs: float
) -> None:
    samples = noise(noise_dbfs)[:SAMPLE_RATE] + tone(hz, 10 ** (tone_dbfs / 20))[:SAMPLE_RATE]
    np.testing.assert_allclose(log_mel(samples), reference(samples), rtol=0, atol=1e-4)


@given(st.lists(st.integers(1, 20).map(lambda steps: steps * HOP_STEP_SAMPLES), min_size=1, max_size=8))
@settings(deadline=None)
def test_stream_equals_whole(hop_lengths: list[int]) -> None:
    """Any hops give the same frames; ``test_windows`` shows the same of blocks."""
    samples = np.resize(cry() + noise(-50), sum(hop_lengths))
    stream, position, values = LogMelStream(), 0, []
    for length in hop_lengths:
        position += length
        frames = stream.push(Hop(samples[position - length : position], position))
        assert frames.end_sample == position
        assert frames.level_dbfs == level_dbfs(samples[position - length : position])
        values.append(frames.values)
    np.testing.assert_array_equal(np.concatenate(values), log_mel(samples))


def test_after_a_jump_the_past_is_silence() -> None:
    stream, samples = LogMelStream(), noise(-20)[:SAMPLE_RATE]
    stream.push(Hop(samples, SAMPLE_RATE))
    after = stream.push(Hop(samples, 9 * SAMPLE_RATE))
    np.testing.assert_array_equal(after.values, log_mel(samples))


def test_a_frame_depends_on_no_later_sample() -> None:
    """A click appears in the frame that ends just after it, and disappears 512 samples later."""
    loud = np.flatnonzero(log_mel(click()).max(axis=1) > SILENCE + 1)
    assert list(loud) == [20_000 // FRAME_STEP_SAMPLES, 20_000 // FRAME_STEP_SAMPLES + 1]


def test_silence_gives_the_constant() -> None:
    np.testing.assert_allclose(log_mel(np.zeros(1_000, np.float32)), SILENCE, rtol=1e-6)


def test_a_tone_shows_in_the_band_of_its_pitch() -> None:
    for hz in (200, 450, 1_000, 3_000, 7_000):
        loudest = log_mel(tone(hz))[10].argmax()
        response = features._MEL_MATRIX[round(hz * FFT_SAMPLES / SAMPLE_RATE)]
        assert abs(loudest - response.argmax()) <= 1


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (np.zeros(100, np.float32), -120.0),
        (np.zeros(0, np.float32), -120.0),
        (np.ones(100, np.float32), 0.0),
        (tone(1_000), -3.01),
        (noise(-40), -40.0),
    ],
)
def test_level(samples: FloatArray, expected: float) -> None:
    assert level_dbfs(samples) == pytest.approx(expected, abs=0.05)


def test_records_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        LogMelStream().push(Hop(noise(-20)[:SAMPLE_RATE], SAMPLE_RATE)).values[0, 0] = 0


def test_fingerprint_is_that_of_the_shipped_models() -> None:
    """A change of the front end requires new models."""
    assert features.FINGERPRINT == "8e111c1ec265f686"
