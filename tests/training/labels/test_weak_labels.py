"""The rule that says where an infant cries, on bursts whose place and length are known."""

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
    """A voiced burst as of an infant, loudest sample 0.5."""
    return 0.5 * Utterance(seconds, f0_hz=500, tract=OPEN_MOUTH, tilt=0.1).samples(np.random.default_rng(1))


def hiss(seconds: float) -> FloatArray:
    """A burst as loud and without a voice."""
    return np.random.default_rng(1).normal(0, 0.2, round(seconds * SAMPLE_RATE)).astype(np.float32)


def clip(*bursts: tuple[float, FloatArray]) -> FloatArray:
    """A quiet room in which bursts begin at their seconds."""
    samples = np.random.default_rng(0).normal(0, 1e-3, round(CLIP_S * SAMPLE_RATE)).astype(np.float32)
    for start_s, burst in bursts:
        start = round(start_s * SAMPLE_RATE)
        samples[start : start + len(burst)] += burst
    return samples


def teacher(score: float, until_s: float = CLIP_S) -> ClipTaggerScores:
    """A teacher that hears distress with this score up to some moment."""
    centre_s = np.arange(YAMNET_HOP_S, CLIP_S, YAMNET_HOP_S, dtype=np.float32)
    cry = np.where(centre_s < until_s, score, 0).astype(np.float32)
    return ClipTaggerScores(np.zeros((len(cry), 0), np.float32), centre_s, cry, centre_s)


def find_distress(samples: FloatArray, scores: ClipTaggerScores) -> DistressTracks:
    """Find distress under the latest guideline."""
    return weak_labels.find_distress(samples, scores, GUIDELINE)


def test_a_full_burst_is_cry_where_it_sounds() -> None:
    found = find_distress(clip((2.0, voice(1.0))), teacher(BELIEF))
    heard_s = np.flatnonzero(found.cry) / FRAMES_PER_SECOND
    assert found.cry_s == pytest.approx(1.0, abs=0.15)
    assert heard_s[0] == pytest.approx(2.0, abs=0.1)
    assert heard_s[-1] == pytest.approx(3.0, abs=0.1)
    assert found.whimper_s == 0


def test_a_short_burst_is_a_whimper() -> None:
    found = find_distress(clip((2.0, voice(0.3))), teacher(BELIEF))
    assert found.cry_s == 0
    assert found.whimper_s == pytest.approx(0.3, abs=0.1)


def test_two_short_bursts_in_one_breath_are_one_full_burst() -> None:
    near = find_distress(clip((2.0, voice(0.35)), (2.45, voice(0.35))), teacher(BELIEF))
    apart = find_distress(clip((2.0, voice(0.35)), (2.9, voice(0.35))), teacher(BELIEF))
    assert near.cry_s == pytest.approx(0.7, abs=0.2)
    assert apart.cry_s == 0
    assert apart.whimper_s == pytest.approx(0.6, abs=0.2)


def test_nothing_without_a_teacher_who_believes_it() -> None:
    for deaf in (teacher(0.0), teacher(HALF_BELIEVED / 2), teacher(BELIEF, until_s=1.0)):
        found = find_distress(clip((3.0, voice(1.0))), deaf)
        assert not found.cry.any()
        assert not found.whimper.any()


def test_where_somebody_else_vouches_for_it_the_sound_alone_tells() -> None:
    samples = clip((1.0, voice(1.0)), (4.0, voice(0.3)))
    believed, alone = find_distress(samples, teacher(BELIEF)), weak_labels.find_distress_by_sound(samples, GUIDELINE)
    np.testing.assert_array_equal(alone.cry, believed.cry)
    np.testing.assert_array_equal(alone.whimper, believed.whimper)
    assert weak_labels.find_distress_by_sound(clip((2.0, hiss(1.0))), GUIDELINE).cry_s < 0.1


def test_what_is_half_believed_is_a_whimper_however_long() -> None:
    found = find_distress(clip((2.0, voice(1.0))), teacher(DOUBT))
    assert found.cry_s == 0
    assert found.whimper_s == pytest.approx(1.0, abs=0.2)


def test_a_hiss_counts_only_where_the_teacher_is_certain() -> None:
    """A hoarse cry has no pitch; a rattle has none either."""
    assert find_distress(clip((2.0, hiss(1.0))), teacher(BELIEF)).cry_s < 0.1
    assert find_distress(clip((2.0, hiss(1.0))), teacher(CERTAIN)).cry_s == pytest.approx(1.0, abs=0.1)


def test_a_room_without_bursts_holds_little_however_sure_the_teacher() -> None:
    found = find_distress(clip(), teacher(0.99))
    assert found.cry_s + found.whimper_s < 0.1


@pytest.mark.parametrize("gain", [0.01, 0.1, 1.9])
def test_loudness_does_not_matter(gain: float) -> None:
    samples = clip((1.0, voice(1.0)), (4.0, voice(0.3)))
    found, expected = (
        find_distress(samples * np.float32(gain), teacher(BELIEF)),
        find_distress(samples, teacher(BELIEF)),
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
