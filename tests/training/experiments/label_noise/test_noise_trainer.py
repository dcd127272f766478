"""The small network learns, repeats for a seed, and learns less from worse labels."""

import numpy as np
import pytest
import torch

import label_schema
from edge.detection import features
from training.experiments.label_noise.examples import AVERAGED_FRAMES, CLIP_FRAMES, Frames, Labels, coarse
from training.experiments.label_noise.grid import draw
from training.experiments.label_noise.noise import Noise, NoiseKind, add_noise
from training.experiments.label_noise.trainer import TrainSettings, probabilities, train

pytestmark = pytest.mark.slow

SETTINGS = TrainSettings(steps=40)
GUIDELINE = label_schema.load()


def _clips(count: int, seed: int) -> tuple[Frames, Labels]:
    """Four kinds of sound, one in each quarter of the bands."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(4, size=count)
    frames = rng.normal(-10, 1, (count, CLIP_FRAMES, features.MELS))
    for clip, label in zip(frames, labels, strict=True):
        clip[20:60, 16 * label : 16 * label + 16] += 3
    return frames.astype(np.float16), labels


def _right(noise: Noise, steps: int = 40) -> float:
    frames, labels = _clips(96, seed=1)
    net = train(frames, add_noise(labels, GUIDELINE, noise, 0), 4, TrainSettings(steps), seed=0)
    judged, truth = _clips(200, seed=2)
    return float((probabilities(net, judged).argmax(axis=1) == truth).mean())


def test_it_learns() -> None:
    assert _right(Noise(NoiseKind.CLEAN, 0.0)) > 0.9


def test_swapped_labels_cost_what_they_swap() -> None:
    assert _right(Noise(NoiseKind.SWAP, 1.0)) < 0.7


def test_a_seed_gives_the_same_network_after_other_draws() -> None:
    frames, labels = _clips(10, seed=3)
    first = probabilities(train(frames, labels, 4, SETTINGS, seed=5), frames)
    torch.rand(7)
    np.testing.assert_array_equal(probabilities(train(frames, labels, 4, SETTINGS, seed=5), frames), first)
    assert not np.array_equal(probabilities(train(frames, labels, 4, SETTINGS, seed=6), frames), first)


def test_probabilities_sum_to_one_clip_by_clip() -> None:
    frames, labels = _clips(300, seed=4)
    net = train(frames[:8], labels[:8], 4, TrainSettings(steps=2), seed=0)
    said = probabilities(net, frames)
    np.testing.assert_allclose(said.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(probabilities(net, frames[290:]), said[290:], atol=1e-5)


def test_coarse_frames_are_means() -> None:
    frames = np.arange(2 * 8 * features.MELS, dtype=np.float32).reshape(2, 8, features.MELS) / 100
    averaged = coarse(frames)
    assert averaged.shape == (2, 8 // AVERAGED_FRAMES, features.MELS)
    np.testing.assert_allclose(averaged[1, 1], frames[1, 4:].mean(axis=0), rtol=1e-3)


@pytest.mark.parametrize("count", [1, 10, 50])
def test_more_clips_of_a_seed_are_the_same_and_others(count: int) -> None:
    assert len(set(draw(50, count, seed=1))) == count
    np.testing.assert_array_equal(draw(50, count, seed=1), draw(50, 50, seed=1)[:count])
