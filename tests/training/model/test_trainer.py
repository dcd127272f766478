"""The trainer: it learns, is the same for the same seed, and resumes after an interruption."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

import label_schema
from edge.detection.classifier import WINDOW_STEPS
from training.model.network import CryNet, scene_windows
from training.model.spec_augment import AugmentSettings
from training.model.trainer import FitSettings, fit
from training.synthesis.feature_shards import load_shard
from training.synthesis.targets import window_labels

pytestmark = pytest.mark.slow

GUIDELINE = label_schema.load()
SETTINGS = FitSettings(steps=4, batch_scenes=4, save_every=2, threads=1)


@pytest.fixture(scope="module")
def few(shards: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two shards of eight scenes each."""
    folder = tmp_path_factory.mktemp("few")
    paths = []
    for shard in shards:
        paths.append(folder / shard.name)
        frames, tracks, tags = (table[:8] for table in load_shard(shard))
        np.savez(paths[-1], frames=frames, tracks=tracks, tags=tags)
    return paths


def weights(net: CryNet) -> torch.Tensor:
    return torch.cat([value.flatten().float() for value in net.state_dict().values()])


@torch.no_grad()
def loss(net: CryNet, shards: list[Path]) -> float:
    """Cross-entropy of all windows with the batch's statistics; running ones need hundreds of steps to converge."""
    torch.manual_seed(0)
    net.train()
    losses = []
    for shard in shards:
        frames, tracks, _ = (torch.from_numpy(table) for table in load_shard(shard))
        logits, _ = scene_windows(net, frames, every_steps=4)
        truth = window_labels(tracks, GUIDELINE, WINDOW_STEPS)
        losses.append(functional.cross_entropy(logits.flatten(0, 1), truth.flatten(0, 1)).item())
    return float(np.mean(losses))


def test_it_learns(few: list[Path], tmp_path: Path) -> None:
    settings = replace(SETTINGS, warmup_steps=5, average=0.5, variation=AugmentSettings(gain_db=0.0))
    untrained = fit(few, few, GUIDELINE, replace(settings, steps=0), tmp_path / "untrained")
    trained = fit(few, few, GUIDELINE, replace(settings, steps=16, save_every=16), tmp_path / "trained")
    assert not trained.training
    assert loss(trained, few) < 0.8 * loss(untrained, few)


def test_an_interrupted_fit_ends_like_an_uninterrupted_one(few: list[Path], tmp_path: Path) -> None:
    whole = fit(few, few, GUIDELINE, SETTINGS, tmp_path / "whole")
    fit(few, few, GUIDELINE, replace(SETTINGS, steps=2), tmp_path / "halves")
    halves = fit(few, few, GUIDELINE, SETTINGS, tmp_path / "halves")
    torch.testing.assert_close(weights(halves), weights(whole), rtol=0, atol=1e-6)


def test_a_finished_fit_is_not_done_again(few: list[Path], tmp_path: Path) -> None:
    first = fit(few, few, GUIDELINE, replace(SETTINGS, steps=2), tmp_path)
    written = (tmp_path / "checkpoint.pt").stat().st_mtime_ns
    torch.testing.assert_close(weights(fit(few, few, GUIDELINE, replace(SETTINGS, steps=2), tmp_path)), weights(first))
    assert (tmp_path / "checkpoint.pt").stat().st_mtime_ns == written


def test_another_seed_is_another_net(few: list[Path], tmp_path: Path) -> None:
    nets = [fit(few, few, GUIDELINE, replace(SETTINGS, steps=1, seed=seed), tmp_path / str(seed)) for seed in (1, 2)]
    assert not torch.allclose(weights(nets[0]), weights(nets[1]))
