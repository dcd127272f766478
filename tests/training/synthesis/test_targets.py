"""Soft labels from seconds of cry, whimper and attending."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import label_schema
from edge.detection.classifier import WINDOW_STEPS
from label_schema.guideline import Example, Strip
from training.synthesis.targets import window_labels

GUIDELINE = label_schema.load()
LIMITS = GUIDELINE.thresholds
SECONDS = st.floats(0, 5)
EXAMPLES = [
    example
    for label in GUIDELINE.labels
    for example in (*label.examples, *label.counter_examples)
    if example.strip is not None
]


def odds(cry_s: float, whimper_s: float = 0.0, attending_s: float = 0.0) -> dict[str, float]:
    """Return the label probabilities of a window with these seconds of each track."""
    tracks = torch.tensor([cry_s, whimper_s, attending_s]).div(5).expand(1, WINDOW_STEPS, 3)
    labels = window_labels(tracks, GUIDELINE, WINDOW_STEPS)
    assert labels.shape == (1, 1, len(GUIDELINE.labels))
    return dict(zip(GUIDELINE.names, labels[0, 0].tolist(), strict=True))


@given(cry_s=SECONDS, whimper_s=SECONDS, attending_s=SECONDS)
def test_probabilities_sum_to_one(cry_s: float, whimper_s: float, attending_s: float) -> None:
    labels = odds(cry_s, whimper_s, attending_s)
    assert sum(labels.values()) == pytest.approx(1, abs=1e-5)
    assert min(labels.values()) >= -1e-6


def test_even_odds_at_a_threshold() -> None:
    assert odds(LIMITS["crying_min_cry_s"])["crying"] == pytest.approx(0.5, abs=0.02)
    assert odds(0.0, LIMITS["fussing_min_distress_s"])["fussing"] == pytest.approx(0.5, abs=0.02)
    assert odds(0.0, LIMITS["fussing_min_distress_s"])["none"] == pytest.approx(0.5, abs=0.02)
    assert odds(5.0, 0.0, LIMITS["soothed_min_adult_s"])["soothed-crying"] == pytest.approx(0.5, abs=0.02)
    assert odds(LIMITS["soothed_min_cry_s"], 0.0, 5.0)["soothed-crying"] == pytest.approx(0.5, abs=0.02)


@given(less_s=SECONDS, more_s=SECONDS, attending_s=SECONDS)
def test_more_cry_is_never_less_distress(less_s: float, more_s: float, attending_s: float) -> None:
    less_s, more_s = sorted((less_s, more_s))
    assert odds(more_s, 0.0, attending_s)["none"] <= odds(less_s, 0.0, attending_s)["none"] + 1e-6


def test_an_adult_alone_is_none() -> None:
    assert odds(0.0, 0.0, 5.0)["none"] > 0.9


def test_every_window_of_a_scene_has_its_own_label() -> None:
    """Sixteen seconds, a window a second; cry from the 8th second on."""
    tracks = torch.zeros(1, 64, 3)
    tracks[:, 32:, 0] = 1
    labels = window_labels(tracks, GUIDELINE, WINDOW_STEPS)
    assert labels.shape == (1, 12, len(GUIDELINE.labels))
    crying = labels[0, :, GUIDELINE.names.index("crying")]
    assert crying[:4].max() < 0.01  # windows that end at 5 .. 8 s
    assert crying[5] == pytest.approx(0.5, abs=0.02)  # the one that ends at 10 s holds 2 s
    assert crying[7:].min() > 0.97


def drawn(strip: Strip) -> dict[str, float]:
    """Seconds as the truth tracks count them: a burst shorter than a full one is a whimper."""
    bursts_s = [end - start for start, end in strip.lanes.get("cry", ())]
    full_s = sum(burst for burst in bursts_s if burst >= LIMITS["full_burst_min_s"] - 1e-9)
    return odds(full_s, sum(bursts_s) - full_s + strip.seconds("fuss"), strip.seconds("adult"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.heard[:50])
def test_the_guidelines_examples_get_their_label(example: Example) -> None:
    assert example.strip is not None
    labels = drawn(example.strip)
    assert max(labels, key=labels.__getitem__) == example.label
