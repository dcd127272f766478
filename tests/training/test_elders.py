"""Models of before: what they say together of a scene, and that a new one learns it."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import label_schema
from edge.classifier import STEP_FRAMES, WINDOW_STEPS
from edge.errors import ConfigurationError
from training.catalog import REPOSITORY
from training.elders import Elders
from training.fit import FitSettings, fit
from training.net import CryNet
from training.shards import load_shard
from training.targets import window_labels

GUIDELINE = label_schema.load()
MODELS = [REPOSITORY / "models" / name / "model.onnx" for name in ("cry-3", "cry-5")]
SETTINGS = FitSettings(steps=4, batch_scenes=4, warmup_steps=5, average=0.5, save_every=2, threads=1)


@pytest.fixture(scope="module")
def frames(shards: list[Path]) -> torch.Tensor:
    """Three scenes."""
    return torch.from_numpy(load_shard(shards[0])[0][:3])


def test_of_every_window_they_say_the_mean(frames: torch.Tensor) -> None:
    together = Elders(MODELS, GUIDELINE, threads=1).judge(frames)
    tracks = torch.zeros(len(frames), frames.shape[1] // STEP_FRAMES, 3)
    assert together.shape == window_labels(tracks, GUIDELINE, WINDOW_STEPS).shape
    torch.testing.assert_close(together.sum(-1), torch.ones(together.shape[:2]))
    each = [Elders([model], GUIDELINE, threads=1).judge(frames) for model in MODELS]
    torch.testing.assert_close(together, (each[0] + each[1]) / 2)
    assert not torch.allclose(each[0], each[1], atol=0.01)


@pytest.mark.parametrize("threads", [2, 5])
def test_how_many_listen_at_a_time_changes_nothing(frames: torch.Tensor, threads: int) -> None:
    alone = Elders(MODELS, GUIDELINE, threads=1).judge(frames)
    torch.testing.assert_close(Elders(MODELS, GUIDELINE, threads).judge(frames), alone, rtol=0, atol=0)


def test_a_scene_is_heard_from_its_beginning_whatever_came_before(frames: torch.Tensor) -> None:
    elders = Elders(MODELS, GUIDELINE, threads=1)
    first = elders.judge(frames[:1])
    elders.judge(frames[1:])
    torch.testing.assert_close(elders.judge(frames[:1]), first, rtol=0, atol=0)


def weights(net: CryNet) -> torch.Tensor:
    return torch.cat([value.flatten().float() for value in net.state_dict().values()])


def test_a_new_net_learns_from_them(shards: list[Path], tmp_path: Path) -> None:
    nets = {
        name: fit(shards, shards, GUIDELINE, SETTINGS, tmp_path / name, elders)
        for name, elders in (("taught", MODELS), ("alone", []))
    }
    assert not torch.allclose(weights(nets["taught"]), weights(nets["alone"]))
    unheeded = fit(shards, shards, GUIDELINE, replace(SETTINGS, elder_weight=0.0), tmp_path / "unheeded", MODELS)
    torch.testing.assert_close(weights(unheeded), weights(nets["alone"]), rtol=0, atol=1e-6)


def test_an_interrupted_fit_goes_on_with_them(shards: list[Path], tmp_path: Path) -> None:
    whole = fit(shards, shards, GUIDELINE, SETTINGS, tmp_path / "whole", MODELS)
    fit(shards, shards, GUIDELINE, replace(SETTINGS, steps=2), tmp_path / "halves", MODELS)
    halves = fit(shards, shards, GUIDELINE, SETTINGS, tmp_path / "halves", MODELS)
    torch.testing.assert_close(weights(halves), weights(whole), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("elders", "complaint"),
    [
        ("cry-5,cry-none", "there is no model cry-none in"),
        ("new", "new cannot learn from itself: mend `elders`"),
        ("cry 5", "must be a name such as cry-2"),
    ],
)
def test_an_elder_that_cannot_be_is_told_before_any_work(
    tiny_data: Path, tmp_path: Path, elders: str, complaint: str
) -> None:
    where = ["--data", str(tiny_data), "--work", str(tmp_path / "work"), "--models", str(tmp_path / "models")]
    told = subprocess.run(
        [sys.executable, "-m", "training", "train", "new", "--rehearse", "--elders", elders, *where],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode in (2, ConfigurationError.exit_code)  # argparse's, and hushd's
    assert complaint in told.stderr.splitlines()[-1]
    assert "Traceback" not in told.stderr
    assert not (tmp_path / "work").exists()
