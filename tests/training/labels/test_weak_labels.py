"""The weak-label rule, on bursts of known position and length."""

import numpy as np
import pytest

import label_schema
from edge.demo.infant import OPEN_MOUTH, Utterance
from edge.detection.features import FRAMES_PER_SECOND
from edge.records import SAMPLE_RATE, FloatArray
from training.data.tagger_scores import YAMNET_HOP_S, ClipTaggerScores
from training.labels import weak_labels
from training.labels.weak_labels import BELIEVED, CERTAIN, HALF_BELIEVED, DistressTracks

GUIDELINE = label_schema.load()
CLIP_S = 6.0
BELIEF = (BELIEVED + CERTAIN) / 2
DOUBT = (HALF_BELIEVED + BELIEVED) / 2


def voice(seconds: float) -> FloatArray:
    """A voiced burst like an infant's, with a peak of 0.5."""
    return 0.5 * Utterance(seconds, f0_hz=500, tract=OPEN_MOUTH, tilt=0.1).synthesize(np.random.default_rng(1))


def hiss(seconds: float) -> FloatArray:
    """A burst of that level without a voice."""
    return np.random.default_rng(1).normal(0, 0.2, round(seconds * SAMPLE_RATE)).astype(np.float32)


def clip(*bursts: tuple[float, FloatArray]) -> FloatArray:
    """A quiet room in which bursts begin at their seconds."""
    samples = np.random.default_rng(0).normal(0, 1e-3, round(CLIP_S * SAMPLE_RATE)).astype(np.float32)
    for start_s, burst in bursts:
        start = round(start_s * SAMPLE_RATE)
        samples[start : start + len(burst)] += burst
    return samples


def tagger(score: float, until_s: float = CLIP_S) -> ClipTaggerScores:
    """Scores of a tagger that gives distress this score up to a moment."""
    centre_s = np.arange(YAMNET_HOP_S, CLIP_S, YAMNET_HOP_S, dtype=np.float32)
    cry = np.where(centre_s < until_s, score, 0).astype(np.float32)
    return ClipTaggerScores(np.zeros((len(cry), 0), np.float32), centre_s, cry, centre_s)


def find_distress(samples: FloatArray, scores: ClipTaggerScores) -> DistressTracks:
    """Find distress under the latest guideline."""
    return weak_labels.find_distress(samples, scores, GUIDELINE)


def test_a_full_burst_is_cry_where_it_sounds() -> None:
    found = find_distress(clip((2.0, voice(1.0))), tagger(BELIEF))
    cry_s = np.flatnonzero(found.cry) / FRAMES_PER_SECOND
    assert found.cry_s == pytest.approx(1.0, abs=0.15)
    assert cry_s[0] == pytest.approx(2.0, abs=0.1)
    assert cry_s[-1] == pytest.approx(3.0, abs=0.1)
    assert found.whimper_s == 0


def test_a_short_burst_is_a_whimper() -> None:
    found = find_distress(clip((2.0, voice(0.3))), tagger(BELIEF))
    assert found.cry_s == 0
    assert found.whimper_s == pytest.approx(0.3, abs=0.1)


def test_two_short_bursts_in_one_breath_are_one_full_burst() -> None:
    near = find_distress(clip((2.0, voice(0.35)), (2.45, voice(0.35))), tagger(BELIEF))
    apart = find_distress(clip((2.0, voice(0.35)), (2.9, voice(0.35))), tagger(BELIEF))
    assert near.cry_s == pytest.approx(0.7, abs=0.2)
    assert apart.cry_s == 0
    assert apart.whimper_s == pytest.approx(0.6, abs=0.2)


def test_no_distress_without_a_tagger_score() -> None:
    for scores in (tagger(0.0), tagger(HALF_BELIEVED / 2), tagger(BELIEF, until_s=1.0)):
        found = find_distress(clip((3.0, voice(1.0))), scores)
        assert not found.cry.any()
        assert not found.whimper.any()


def test_without_taggers_the_rule_finds_the_same_bursts() -> None:
    samples = clip((1.0, voice(1.0)), (4.0, voice(0.3)))
    believed, alone = find_distress(samples, tagger(BELIEF)), weak_labels.find_distress_by_sound(samples, GUIDELINE)
    np.testing.assert_array_equal(alone.cry, believed.cry)
    np.testing.assert_array_equal(alone.whimper, believed.whimper)
    assert weak_labels.find_distress_by_sound(clip((2.0, hiss(1.0))), GUIDELINE).cry_s < 0.1


def test_a_low_score_is_a_whimper_at_any_length() -> None:
    found = find_distress(clip((2.0, voice(1.0))), tagger(DOUBT))
    assert found.cry_s == 0
    assert found.whimper_s == pytest.approx(1.0, abs=0.2)


def test_a_hiss_counts_only_at_a_high_score() -> None:
    """A hoarse cry has no pitch, and a rattle has no pitch either."""
    assert find_distress(clip((2.0, hiss(1.0))), tagger(BELIEF)).cry_s < 0.1
    assert find_distress(clip((2.0, hiss(1.0))), tagger(CERTAIN)).cry_s == pytest.approx(1.0, abs=0.1)


def test_a_room_without_bursts_holds_little_at_any_score() -> None:
    found = find_distress(clip(), tagger(0.99))
    assert found.cry_s + found.whimper_s < 0.1


@pytest.mark.parametrize("gain", [0.01, 0.1, 1.9])
def test_loudness_does_not_matter(gain: float) -> None:
    samples = clip((1.0, voice(1.0)), (4.0, voice(0.3)))
    found, expected = (
        find_distress(samples * np.float32(gain), tagger(BELIEF)),
        find_distress(samples, tagger(BELIEF)),
    )
    assert np.mean(found.cry != expected.cry) < 0.01
    assert np.mean(found.whimper != expected.whimper) < 0.01


def test_steadiness_is_cry_from_the_first_to_the_last() -> None:
    cry = np.zeros(500, np.bool_)
    none = np.zeros_like(cry)
    assert DistressTracks(cry, none).steadiness == 0
    cry[100:150] = cry[250:300] = True
    assert DistressTracks(cry, none).steadiness == pytest.approx(0.5)
    cry[100:300] = True
    assert DistressTracks(cry, none).steadiness == 1
