"""Agreement by class, pair, slice and labeler; groups of disagreements; the verdict on the guideline."""

import math

import pytest

import label_schema
from tests.support.small_store import clip, label, labels
from training.labels.agreement import measure_agreement
from training.labels.disagreements import disagreements
from training.labels.records import LabelError
from training.labels.report import as_text, verdict

CLIPS = [clip(number, age="young" if number < 6 else "old") for number in range(12)]
BY_NAME = {each.clip: each for each in CLIPS}
GUIDELINE = label_schema.load(2)
ANSWERS = labels(CLIPS, {"anna": "ccffss......", "bo": "cfcfss......", "cy": "c f s .  .  "})


def test_two_labellers_get_kappa() -> None:
    found = measure_agreement([each for each in ANSWERS if each.labeller != "cy"], BY_NAME, 2)
    assert found.kappa is not None
    assert found.overall.percent.value == pytest.approx(10 / 12)
    assert found.kappa.value == pytest.approx((10 / 12 - 48 / 144) / (1 - 48 / 144))
    assert found.kappa.low < found.kappa.value < found.kappa.high


def test_more_labellers_get_alpha_and_every_pair() -> None:
    found = measure_agreement(ANSWERS, BY_NAME, 2, ["age"])
    assert found.kappa is None
    assert [pair.name for pair in found.pairs] == ["anna and bo", "anna and cy", "bo and cy"]
    assert [pair.clips for pair in found.pairs] == [12, 5, 5]
    assert [each.name for each in found.classes] == list(GUIDELINE.names)
    assert found.classes[3].percent.value == 1.0
    weakest, best = found.slices["age"]
    assert (weakest.name, best.name) == ("young", "old")
    assert math.isnan(best.chance_corrected.value)  # undefined, because all their labels are none


def test_only_first_answers_of_people_under_this_version_count() -> None:
    more = [
        label(CLIPS[1], "bo", "crying", round_=2),
        label(CLIPS[1], "rule:loudness", "none"),
        label(CLIPS[1], "gold:team", "none"),
        label(CLIPS[1], "cy", "cry", version=1),
    ]
    assert measure_agreement([*ANSWERS, *more], BY_NAME, 2).overall == measure_agreement(ANSWERS, BY_NAME, 2).overall


def test_repeats_and_gold_clips_are_counted() -> None:
    more = [
        label(CLIPS[0], "anna", "crying", round_=2, seconds=4.0),
        label(CLIPS[2], "anna", "crying", round_=2, seconds=8.0),
        label(CLIPS[0], "gold:team", "crying"),
        label(CLIPS[1], "gold:team", "fussing"),
        label(CLIPS[3], "bo", None, round_=2),
    ]
    anna, bo, _ = measure_agreement([*ANSWERS, *more], BY_NAME, 2).labellers
    assert (anna.repeats.right, anna.repeats.of, anna.median_seconds) == (1, 2, 6.0)
    assert (anna.gold.right, anna.gold.of) == (1, 2)
    assert (bo.gold.right, bo.gold.of, bo.skipped, bo.repeats.of) == (2, 2, 1, 1)
    assert bo.gold.low < 0.5  # two of two are weak evidence
    assert sum(anna.habits["crying"].values()) == pytest.approx(1)


def test_disagreements_are_grouped_by_their_labels() -> None:
    more = labels(CLIPS[8:10], {"dee": "cf"})
    settled = label(CLIPS[1], "adjudication:eve", "fussing")
    groups = disagreements([*ANSWERS, *more, settled], BY_NAME, GUIDELINE)
    assert [(group.name, len(group.members)) for group in groups] == [
        ("crying or fussing", 2),
        ("crying or none", 1),
        ("fussing or none", 1),
    ]
    (first,) = (each for each in groups[0].members if each.clip == CLIPS[1])
    assert first.labels == {"crying": ["anna"], "fussing": ["bo"]}
    assert first.settled == "fussing (adjudication:eve)"


@pytest.mark.parametrize(
    ("answers", "words", "ready"),
    [
        ({"anna": "ccffss......", "bo": "ccffss......"}, "at least 0.8: ready for the large batch", True),
        ({"anna": "ccffss......", "bo": "ccffss.....f"}, "the interval reaches below", True),
        ({"anna": "ccffss......", "bo": "cfcfs......."}, "below 0.8: not ready for the large batch", False),
        ({"anna": "............", "bo": "............"}, "undefined because all labels are the same", False),
    ],
)
def test_the_verdict(answers: dict[str, str], words: str, ready: bool) -> None:
    found = measure_agreement(labels(CLIPS, answers), BY_NAME, 2)
    assert found.ready is ready
    assert words in verdict(found)
    assert words in as_text(found, [])


def test_no_clip_with_two_labels_is_refused() -> None:
    alone = labels(CLIPS, {"anna": "ccffss      ", "bo": "      ......"})
    with pytest.raises(LabelError, match="no clip has labels of two people under guideline version 2"):
        measure_agreement(alone, BY_NAME, 2)


def test_a_slice_by_an_unknown_attribute_is_refused() -> None:
    with pytest.raises(LabelError, match="attribute 'aeg'; slice by age, source"):
        measure_agreement(ANSWERS, BY_NAME, 2, ["aeg"])
