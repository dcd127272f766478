"""v1 against v2 on handmade scores with known rings."""

import numpy as np
import pytest

import label_schema
from edge.records import FloatArray
from training.experiments.label_noise.guideline_comparison import COMPARED_KINDS, as_scores
from training.experiments.label_noise.matched_alerts import compare_at_matched_alerts
from training.statistics import Estimate

pytestmark = pytest.mark.slow

SEEDS, EACH, WINDOWS = 2, 4, 86
NAMES = label_schema.load().names


def _v2(says: dict[str, str]) -> FloatArray:
    """Networks with one certain label throughout each kind."""
    heard = np.full((SEEDS, len(COMPARED_KINDS), EACH, WINDOWS, len(NAMES)), 0.01, np.float32)
    for kind, label in says.items():
        heard[:, COMPARED_KINDS.index(kind), ..., NAMES.index(label)] = 0.97
    return heard


def _v1(cry: dict[str, float]) -> FloatArray:
    """Networks with this probability of cry throughout each kind."""
    heard = np.zeros((SEEDS, len(COMPARED_KINDS), EACH, WINDOWS, 2), np.float32)
    for kind in COMPARED_KINDS:
        heard[:, COMPARED_KINDS.index(kind), ..., 0] = cry.get(kind, 0.0)
    heard[..., 1] = 1 - heard[..., 0]
    return heard


RIGHT = _v2({"cry": "crying", "cry_tv": "crying", "soothed": "soothed-crying", "fuss": "fussing", "confuser": "none"})


def test_a_guideline_without_soothed_rings_for_it() -> None:
    found = compare_at_matched_alerts({1: _v1({"cry": 0.9, "cry_tv": 0.8, "soothed": 0.95, "fuss": 0.6}), 2: RIGHT})
    rows = {row.question: row for row in found.rows}
    assert rows["crying that rang"].v1 == rows["crying that rang"].v2 == Estimate(100, 100, 100, SEEDS)
    assert rows["soothed crying that rang"].v1.value == 100
    assert rows["soothed crying that rang"].v2.value == 0
    assert rows["fussing that rang"].v1_even.value == 100
    assert rows["fussing that rang"].v1.value == 0  # the matched threshold is v1's most favorable
    np.testing.assert_allclose(found.thresholds, 0.79, atol=0.011)
    removed = rows["soothed or fussing: unneeded alerts"].removed
    assert 0 <= removed.low < removed.value == 50 < removed.high <= 100
    assert found.removed_share == Estimate(100, 100, 100, SEEDS)
    assert found.curves[2][0] == (100, 0)  # soothed and fussing stay so at any threshold
    assert found.curves[1][-1] == (0, 0)


def test_equal_networks_do_not_differ() -> None:
    silent = {1: _v1({}), 2: _v2(dict.fromkeys(COMPARED_KINDS, "none"))}
    found = compare_at_matched_alerts(silent)
    assert {row.removed for row in found.rows} == {Estimate(0, 0, 0, SEEDS)}
    assert found.removed_share == Estimate(0, 0, 0, SEEDS)


def test_v1s_cry_is_the_label_that_rings() -> None:
    scores = as_scores(np.array([[0.75, 0.25], [0.5, 0.5]], np.float32))
    assert [each.end_s for each in scores] == [5.0, 6.0]
    assert scores[0].probabilities == {"crying": 0.75, "fussing": 0.0, "soothed-crying": 0.0, "none": 0.25}
