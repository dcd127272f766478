"""Label noise has its kind and rate, and changes the same places in sets of any size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import label_schema
from training.experiments.label_noise.noise import CLEAN, NOISES, Noise, NoiseKind, add_noise

GUIDELINE = label_schema.load()
CRYING, FUSSING, SOOTHED, NONE = (
    GUIDELINE.names.index(name) for name in ("crying", "fussing", "soothed-crying", "none")
)
LABELS = np.arange(8_000) % 4


def _wrong(noise: Noise, seed: int = 0) -> float:
    return float((add_noise(LABELS, GUIDELINE, noise, seed) != LABELS).mean())


def test_clean_labels_stay() -> None:
    np.testing.assert_array_equal(add_noise(LABELS, GUIDELINE, CLEAN, 0), LABELS)


@pytest.mark.parametrize("rate", [0.12, 0.3])
def test_the_rate_of_wrong_labels(rate: float) -> None:
    assert _wrong(Noise(NoiseKind.SYMMETRIC, rate)) == pytest.approx(rate, abs=0.015)
    assert _wrong(Noise(NoiseKind.SWAP, rate)) == pytest.approx(rate / 2, abs=0.015)  # of two labels of four
    assert _wrong(Noise(NoiseKind.V1, rate)) == pytest.approx(rate / 2, abs=0.015)


def test_any_other_label_is_as_likely() -> None:
    given_labels = add_noise(LABELS, GUIDELINE, Noise(NoiseKind.SYMMETRIC, 1.0), 0)
    for truth in range(4):
        counts = np.bincount(given_labels[truth == LABELS], minlength=4)
        assert counts[truth] == 0
        np.testing.assert_allclose(np.delete(counts, truth) / counts.sum(), 1 / 3, atol=0.04)


def test_a_swap_mistakes_only_crying_and_fussing() -> None:
    said = add_noise(LABELS, GUIDELINE, Noise(NoiseKind.SWAP, 1.0), 0)
    for truth, becomes in ((CRYING, FUSSING), (FUSSING, CRYING), (SOOTHED, SOOTHED), (NONE, NONE)):
        assert set(said[truth == LABELS]) == {becomes}


def test_under_v1_all_distress_becomes_crying() -> None:
    v1 = label_schema.load(1)
    assert [label.name for label in v1.labels if label.rings] == ["cry"]
    assert [label.name for label in GUIDELINE.labels if label.rings] == ["crying"]
    assert v1.thresholds["cry_min_distress_s"] == GUIDELINE.thresholds["fussing_min_distress_s"]  # so none is not cry
    said = add_noise(LABELS, GUIDELINE, Noise(NoiseKind.V1, 1.0), 0)
    for truth, becomes in ((CRYING, CRYING), (FUSSING, CRYING), (SOOTHED, CRYING), (NONE, NONE)):
        assert set(said[truth == LABELS]) == {becomes}


@given(st.integers(0, 9), st.integers(1, 400), st.sampled_from(NOISES))
def test_more_clips_leave_the_others_unchanged(seed: int, count: int, noise: Noise) -> None:
    np.testing.assert_array_equal(
        add_noise(LABELS[:count], GUIDELINE, noise, seed), add_noise(LABELS, GUIDELINE, noise, seed)[:count]
    )


@given(st.integers(0, 9), st.sampled_from([NoiseKind.SYMMETRIC, NoiseKind.SWAP, NoiseKind.V1]))
def test_what_is_wrong_at_twelve_percent_is_wrong_at_thirty(seed: int, kind: NoiseKind) -> None:
    few = add_noise(LABELS, GUIDELINE, Noise(kind, 0.12), seed)
    many = add_noise(LABELS, GUIDELINE, Noise(kind, 0.3), seed)
    wrong = few != LABELS
    np.testing.assert_array_equal(few[wrong], many[wrong])
