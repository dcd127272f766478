"""Metrics of handmade scores."""

import math

import numpy as np
import pytest

import label_schema
from training.evaluation.clip_scores import ScoredClip
from training.evaluation.metrics import auc_beside_yamnet, by_source, confusion, macro_f1, predicted_labels, recalls

LABELS = label_schema.load().names


def clip(truth: str, told: str, sure: float = 0.7, source: str = "esc", yamnet: float = 0.0) -> ScoredClip:
    """A clip with this probability of its most probable label."""
    probabilities = np.full(len(LABELS), (1 - sure) / (len(LABELS) - 1), np.float32)
    probabilities[LABELS.index(told)] = sure
    return ScoredClip("clip", source, "infant" if truth != "none" else "animal", truth, "rule", probabilities, yamnet)


def test_all_right() -> None:
    clips = [clip(label, label) for label in LABELS]
    assert macro_f1(clips, LABELS) == 1
    np.testing.assert_array_equal(confusion(clips, LABELS), np.eye(4))
    assert predicted_labels(clips, LABELS) == list(LABELS)


def test_rows_are_truth_and_columns_are_predictions() -> None:
    counts = confusion([clip("crying", "fussing"), clip("crying", "fussing"), clip("none", "crying")], LABELS)
    assert counts[LABELS.index("crying"), LABELS.index("fussing")] == 2
    assert counts[LABELS.index("none"), LABELS.index("crying")] == 1
    assert counts.sum() == 3


def test_macro_f1_of_a_known_case() -> None:
    """Crying: precision 1/2, recall 1, F1 2/3. None: precision 1, recall 1/2, F1 2/3. The other two labels: 0."""
    clips = [clip("crying", "crying"), clip("none", "crying"), clip("none", "none")]
    assert macro_f1(clips, LABELS) == pytest.approx((2 / 3 + 2 / 3) / 4)


def test_auc_is_the_share_of_pairs_in_order() -> None:
    """Four pairs of a cry and another sound; ours has all of them in order, YAMNet three."""
    clips = [
        clip("crying", "crying", 0.9, yamnet=0.8),
        clip("soothed-crying", "soothed-crying", 0.8, yamnet=0.3),
        clip("none", "none", 0.9, yamnet=0.1),
        clip("none", "none", 0.8, yamnet=0.5),
    ]
    assert auc_beside_yamnet(clips, LABELS) == (1.0, 0.75)


def test_crying_and_soothed_crying_are_one_side() -> None:
    """Confusing the two is right for this question."""
    clips = [clip("crying", "soothed-crying", yamnet=1.0), clip("none", "none")]
    assert auc_beside_yamnet(clips, LABELS)[0] == 1


def test_mixtures_and_fussing_are_not_compared() -> None:
    real = [clip("crying", "crying", yamnet=0.9), clip("none", "none", yamnet=0.1)]
    others = [clip("crying", "none", yamnet=math.nan), clip("fussing", "none", yamnet=0.0)]
    assert auc_beside_yamnet([*real, *others], LABELS) == (1, 1)
    assert all(math.isnan(each) for each in auc_beside_yamnet(others, LABELS))


def test_sources_stand_with_the_weakest_first() -> None:
    clips = [
        clip("none", "none", source="good", yamnet=0.1),
        clip("none", "crying", 0.95, source="poor", yamnet=0.2),
        clip("none", "none", source="poor", yamnet=0.3),
        clip("crying", "crying", 0.9, source="babies", yamnet=0.9),
    ]
    rows = by_source(clips, LABELS)
    assert [(row.source, row.clips, row.right) for row in rows] == [
        ("poor", 2, 0.5),
        ("good", 1, 1.0),
        ("babies", 1, 1.0),
    ]
    assert [row.auc for row in rows] == [0.5, 1.0, pytest.approx(2 / 3)]
    assert [row.yamnet_auc for row in rows] == [1, 1, 1]


def test_a_source_with_nothing_to_compare_with_has_no_auc() -> None:
    (row,) = by_source([clip("none", "none"), clip("none", "crying")], LABELS)
    assert row.right == 0.5
    assert math.isnan(row.auc)


def test_recall_is_of_each_label_its_own() -> None:
    clips = [clip("crying", "crying"), clip("crying", "fussing"), clip("none", "none")]
    found = recalls(clips, LABELS)
    assert (found["crying"], found["none"]) == (0.5, 1.0)
    assert math.isnan(found["soothed-crying"])
