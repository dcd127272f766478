"""Feature shards: complete, the same for the same seed, and composed once."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.detection import features
from tests.support.tiny_data import YAMNET_CLASSES
from training.data.workspace import read_workspace
from training.synthesis.feature_shards import SCENES_PER_SHARD, STEPS, load_shard, make_shards

pytestmark = pytest.mark.slow


def test_a_shard_holds_scenes_and_their_truth(shards: list[Path]) -> None:
    frames, tracks, tags = load_shard(shards[0])
    assert frames.shape == (SCENES_PER_SHARD, 1024, features.MELS)
    assert tracks.shape == (SCENES_PER_SHARD, STEPS, 3)
    assert tags.shape == (SCENES_PER_SHARD, STEPS, len(YAMNET_CLASSES))
    assert np.isfinite(frames).all()
    for values in (tracks, tags):
        assert values.min() >= 0
        assert values.max() <= 1
    share = tracks.any(axis=1).mean(axis=0)  # of scenes that hold each truth
    assert (share > 0.02).all()
    assert (share < 0.95).all()


def test_the_tagger_scores_a_cry_where_the_truth_is_cry(shards: list[Path]) -> None:
    _, tracks, tags = load_shard(shards[0])
    cry = tracks[..., 0]
    assert tags[..., 0][cry == 1].mean() > 0.5 > tags[..., 0][cry == 0].mean()


def test_two_shards_differ(shards: list[Path]) -> None:
    assert not np.array_equal(load_shard(shards[0])[0], load_shard(shards[1])[0])


def test_an_interrupted_run_composes_the_missing_shards_again(tiny_data: Path, work: Path, shards: list[Path]) -> None:
    before, kept = load_shard(shards[1]), shards[0].stat().st_mtime_ns
    shards[1].unlink()
    again = make_shards(read_workspace(tiny_data, work), "train", 2, seed=1)
    assert again == shards
    assert shards[0].stat().st_mtime_ns == kept
    for mine, theirs in zip(load_shard(shards[1]), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_another_seed_or_other_clips_make_other_shards(tiny_data: Path, tmp_path: Path, shards: list[Path]) -> None:
    workspace = read_workspace(tiny_data, tmp_path)
    make_shards(workspace, "train", 0, seed=2)
    make_shards(workspace, "dev", 0, seed=1)
    make_shards(replace(workspace, clips=workspace.clips[1:]), "train", 0, seed=1)
    folders = {folder.name for folder in (tmp_path / "scenes").iterdir()}
    assert len(folders) == 3
    assert shards[0].parent.name not in folders
    make_shards(workspace, "train", 0, seed=1)
    assert (tmp_path / "scenes" / shards[0].parent.name).is_dir()
