"""Tonal distractors have the pitch of cries and above, and their length."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.records import SAMPLE_RATE
from training.labels.weak_labels import loud_and_voiced
from training.synthesis.tonal_distractors import glissando


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), seconds=st.floats(0.5, 16))
def test_it_has_its_length(seed: int, seconds: float) -> None:
    played = glissando(np.random.default_rng(seed), seconds)
    assert played.dtype == np.float32
    assert len(played) == round(seconds * SAMPLE_RATE)
    assert np.isfinite(played).all()
    assert np.abs(played).max() > 0.01


def test_many_have_the_pitch_of_a_cry() -> None:
    voiced = [loud_and_voiced(glissando(np.random.default_rng(seed), 8.0)).mean() for seed in range(20)]
    assert np.mean([share > 0.3 for share in voiced]) > 0.3


def test_no_two_are_the_same() -> None:
    one, other = (glissando(np.random.default_rng(seed), 4.0) for seed in (1, 2))
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.2
    assert glissando(np.random.default_rng(1), 4.0) == pytest.approx(one)
