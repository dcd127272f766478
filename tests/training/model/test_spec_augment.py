"""Augmentation of features: the changes, and the parts that stay."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.detection import features
from training.model.spec_augment import AugmentSettings, augment, envelope_shift

STILL = AugmentSettings(gain_db=0, timbre_mels=0, narrowed=0, masked_mels=1)
"""Settings that only mask one band."""
BANDS = np.arange(features.MELS)


def scenes(count: int = 24) -> torch.Tensor:
    """[count, 16, 64], well above the floor."""
    return torch.from_numpy(np.random.default_rng(0).normal(-6, 1, (count, 16, features.MELS)).astype(np.float32))


def test_a_formant_shift_keeps_the_pitch() -> None:
    harmonics, envelope = np.cos(np.pi * BANDS), np.exp(-(((BANDS - 25) / 8) ** 2))
    shifted = (envelope + harmonics) @ envelope_shift(4)
    np.testing.assert_allclose(shifted, np.exp(-(((BANDS - 29) / 8) ** 2)) + harmonics, atol=0.2)


@settings(deadline=None)
@given(by_mels=st.floats(-5, 5), level=st.floats(-18, 2))
def test_a_flat_spectrum_does_not_change(by_mels: float, level: float) -> None:
    np.testing.assert_allclose(np.full(features.MELS, level) @ envelope_shift(by_mels), level, atol=1e-6)


def test_all_scenes_change_and_each_differently() -> None:
    torch.manual_seed(0)
    changes = (augment(scenes(), AugmentSettings(masked_mels=1)) - scenes()).flatten(1)
    assert (changes.abs().amax(dim=1) > 0).all()
    assert len(torch.unique(changes.mean(dim=1))) == len(changes)


@pytest.mark.parametrize("timbre_mels", [0.3, 4.7, 5.0])
def test_a_kept_timbre_stays_at_any_largest_shift(timbre_mels: float) -> None:
    torch.manual_seed(0)
    kept = AugmentSettings(gain_db=0, timbre_mels=timbre_mels, kept=1.0, narrowed=0, masked_mels=1)
    changed = (augment(scenes(), kept) - scenes()).abs() > 0.01
    assert changed.any(dim=1).sum(dim=1).max() <= 1  # the masked band


def test_a_scene_is_louder_or_softer_by_up_to_the_gain() -> None:
    torch.manual_seed(0)
    louder = augment(scenes(), AugmentSettings(gain_db=8, timbre_mels=0, narrowed=0, masked_mels=1)) - scenes()
    gain_db = louder.flatten(1).median(dim=1).values * 10 / np.log(10)
    assert gain_db.abs().max() <= 8.01
    assert gain_db.min() < -3
    assert gain_db.max() > 3


def test_a_low_pass_removes_the_highs_of_every_scene() -> None:
    torch.manual_seed(0)
    narrowed = augment(scenes(), AugmentSettings(0, 0, 1.0, narrowed=1.0, band_hz=(4_000, 4_000.1), masked_mels=1))
    highs, lows = features.MEL_CENTERS_HZ > 7_000, features.MEL_CENTERS_HZ < 3_500
    assert narrowed[..., highs].numpy() == pytest.approx(features.SILENCE, abs=0.05)
    changed = (narrowed - scenes())[..., lows].abs() > 0.05
    assert changed.any(dim=1).sum(dim=1).max() <= 1  # the masked band


def test_silence_stays_silent() -> None:
    silence = torch.full((8, 16, features.MELS), features.SILENCE)
    torch.testing.assert_close(augment(silence, AugmentSettings()), silence, atol=1e-3, rtol=0)


def test_the_same_seed_gives_the_same_scenes() -> None:
    torch.manual_seed(3)
    once = augment(scenes(), AugmentSettings())
    torch.manual_seed(3)
    torch.testing.assert_close(augment(scenes(), AugmentSettings()), once, atol=0, rtol=0)


def test_settings_without_change_only_mask() -> None:
    torch.manual_seed(0)
    same = (augment(scenes(), STILL) - scenes()).abs() < 1e-3
    assert (~same).any(dim=1).sum(dim=1).max() <= 1
