"""The trainer: fits the network to feature shards, seeded and resumable."""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from edge.detection.classifier import WINDOW_STEPS
from label_schema import Guideline
from training.model.malloc import keep_freed_memory
from training.model.network import CryNet, scene_windows
from training.model.spec_augment import AugmentSettings, augment
from training.storage.atomic import replacing
from training.synthesis.feature_shards import load_shard
from training.synthesis.targets import window_labels

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


@dataclass(frozen=True, slots=True)
class FitSettings:
    """Hyper-parameters; the defaults made the shipped model."""

    steps: int = 5_000
    """Optimizer steps."""
    batch_scenes: int = 32
    """16 s each: 12 windows a scene."""
    peak_rate: float = 3e-3
    """Learning rate after the warm-up; falls to zero along a cosine."""
    warmup_steps: int = 100
    weight_decay: float = 0.05
    track_weight: float = 2.0
    """Weight of the truth tracks' loss; that of the labels is 1."""
    teacher_weight: float = 1.5
    """Weight of the tagger's tags."""
    average: float = 0.995
    """Decay of the running average of the weights; the average ships."""
    variation: AugmentSettings = field(default_factory=AugmentSettings)
    seed: int = 1
    save_every: int = 100
    threads: int = 2


@keep_freed_memory()
def fit(
    shards: Sequence[Path], dev_shards: Sequence[Path], guideline: Guideline, settings: FitSettings, folder: Path
) -> CryNet:
    """Return the averaged network after all steps; a checkpoint in ``folder`` is resumed.

    It runs on a GPU where there is one.
    """
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    classes = load_shard(shards[0])[2].shape[-1]
    net = CryNet(len(guideline.labels), classes).to(DEVICE, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average: CryNet = copy.deepcopy(net)
    optimizer = torch.optim.AdamW(net.parameters(), lr=settings.peak_rate, weight_decay=settings.weight_decay)
    checkpoint = folder / "checkpoint.pt"
    done = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=DEVICE, weights_only=True)
        net.load_state_dict(state["net"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        done = state["done"]
    batches = _batches(shards, settings, done)
    with tqdm(total=settings.steps, initial=done, desc="train", unit="step") as progress:
        for step in range(done, settings.steps):
            torch.manual_seed((settings.seed << 32) + step + 1)  # resumed or not, a step draws the same numbers
            for group in optimizer.param_groups:
                group["lr"] = settings.peak_rate * _rate(step, settings)
            frames, tracks, tags = (table.to(DEVICE) for table in next(batches))
            net.train()
            loss = _loss(net, augment(frames, settings.variation), tracks, tags, guideline, settings)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimizer.step()
            _update_average(average, net, min(settings.average, (step + 1) / (step + 10)))
            progress.update()
            progress.set_postfix(loss=f"{loss.item():.3f}")
            if (step + 1) % settings.save_every == 0 or step + 1 == settings.steps:
                state = {"net": net.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
                with replacing(checkpoint) as file:
                    torch.save({**state, "done": step + 1}, file)
                tqdm.write(f"step {step + 1}: {_format_dev_result(average, dev_shards, guideline)}")
    return average.cpu().eval()


@torch.no_grad()
def _update_average(average: CryNet, net: CryNet, decay: float) -> None:
    """Move the average's weights and batch-norm statistics towards the network's by ``1 - decay``."""
    for mine, newest in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
        if mine.is_floating_point():
            mine.lerp_(newest, 1 - decay)


def _rate(step: int, settings: FitSettings) -> float:
    if step < settings.warmup_steps:
        return (step + 1) / settings.warmup_steps
    through = (step - settings.warmup_steps) / max(1, settings.steps - settings.warmup_steps)
    return 0.5 * (1 + float(np.cos(np.pi * through)))


def _batches(shards: Sequence[Path], settings: FitSettings, skip: int) -> Iterator[tuple[Tensor, ...]]:
    """Yield batches without end, in shards shuffled each epoch; the first ``skip`` batches are left out."""
    rng = np.random.default_rng(settings.seed)
    number = 0
    while True:
        for index in rng.permutation(len(shards)):
            order = rng.permutation(scenes := count_scenes(shards[index]))
            tables = None
            for start in range(0, scenes, settings.batch_scenes):
                number += 1
                if number > skip:
                    tables = tables or load_shard(shards[index])
                    chosen = order[start : start + settings.batch_scenes]
                    yield tuple(torch.from_numpy(table[chosen]) for table in tables)


def count_scenes(shard: Path) -> int:
    """Return the number of scenes in a shard."""
    with np.load(shard) as stored:
        return len(stored["tracks"])


def _loss(
    net: CryNet, frames: Tensor, tracks: Tensor, tags: Tensor, guideline: Guideline, settings: FitSettings
) -> Tensor:
    logits, steps = scene_windows(net, frames, every_steps=4)
    truth = window_labels(tracks, guideline, WINDOW_STEPS)
    label_loss = functional.cross_entropy(logits.flatten(0, 1), truth.flatten(0, 1))
    aside = torch.cat([tracks, tags], dim=2).unfold(1, WINDOW_STEPS, 4).transpose(2, 3)
    aside_loss = functional.binary_cross_entropy_with_logits(steps, aside, reduction="none").mean(dim=(0, 1, 2))
    return (
        label_loss + settings.track_weight * aside_loss[:3].mean() + settings.teacher_weight * aside_loss[3:].sum() / 3
    )


@torch.no_grad()
def _format_dev_result(net: CryNet, shards: Sequence[Path], guideline: Guideline) -> str:
    """Format the cross-entropy and the recall of each label on the dev scenes, for the log."""
    net.eval()
    device = next(net.parameters()).device
    losses, hits, counts = [], torch.zeros(len(guideline.labels)), torch.zeros(len(guideline.labels))
    for shard in shards:
        frames, tracks, _ = (torch.from_numpy(table) for table in load_shard(shard))
        logits = scene_windows(net, frames.to(device), every_steps=4)[0].flatten(0, 1).cpu()
        truth = window_labels(tracks, guideline, WINDOW_STEPS).flatten(0, 1)
        losses.append(functional.cross_entropy(logits, truth).item())
        sure = truth.amax(1) > 0.8
        true, predicted = truth.argmax(1)[sure], logits.argmax(1)[sure]
        counts += torch.bincount(true, minlength=len(counts))
        hits += torch.bincount(true[true == predicted], minlength=len(counts))
    recalls = ", ".join(f"{label.name} {hit:.2f}" for label, hit in zip(guideline.labels, hits / counts, strict=True))
    return f"dev loss {np.mean(losses):.3f}, recall: {recalls}"
