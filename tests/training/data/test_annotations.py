"""Annotations of a clip and of its segments: the resulting label, storage and digest."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import label_schema
from training.data.annotations import PEOPLE, PROGRAMS, UNDECIDED, ClipAnnotations, LabeledSegment, collect_annotations
from training.data.manifest import Clip
from training.labels import training_labels
from training.synthesis.labeled_clips import label_of

CLIP = Clip("a.ogg", "esc", "esc:1", "infant", "crying_baby", "CC0", 12.0, "train")
LABELS = st.sampled_from(["crying", "fussing", UNDECIDED])
ANNOTATIONS = st.builds(
    ClipAnnotations,
    st.none() | LABELS,
    st.dictionaries(st.integers(0, 60).map(lambda step: step / 8), LABELS, min_size=1, max_size=3).map(
        lambda found: tuple(LabeledSegment(start_s, label) for start_s, label in sorted(found.items()))
    ),
    st.sampled_from([PEOPLE, PROGRAMS]),
)


def segments(**labels: str) -> ClipAnnotations:
    """Annotations with these segments, each named after the second at which it begins."""
    return ClipAnnotations(segments=tuple(LabeledSegment(float(name[1:]), label) for name, label in labels.items()))


@pytest.mark.parametrize(
    ("annotations", "whole", "first"),
    [
        (ClipAnnotations("crying"), "crying", "crying"),
        (segments(_0="crying", _3="crying", _7="crying"), "crying", "crying"),
        (segments(_0="crying", _3="fussing", _7="crying"), UNDECIDED, "crying"),
        (segments(_0="crying", _3="crying"), None, "crying"),  # the last 4 s are not labeled
        (segments(_0="crying", _7="crying"), None, "crying"),  # 2 s in the middle are not labeled
        (segments(_3="crying", _7="crying"), None, None),
        (replace(segments(_0="fussing"), whole="crying"), "crying", "fussing"),
    ],
)
def test_labels_of_the_whole_and_of_the_beginning(
    annotations: ClipAnnotations, whole: str | None, first: str | None
) -> None:
    assert label_of(replace(CLIP, annotations=annotations), label_schema.load()) == whole
    assert annotations.first_label() == first


@given(annotations=ANNOTATIONS)
def test_annotations_are_read_as_written(
    annotations: ClipAnnotations, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "settled"
    training_labels.write(folder, [replace(CLIP, annotations=annotations), replace(CLIP, file="b.ogg")])
    assert training_labels.read(folder, "train") == {CLIP.file: annotations}
    assert training_labels.read(folder, "dev") == {}
    rows = [
        ("x", "" if start_s is None else str(start_s), label, annotations.by) for start_s, label in annotations.labels()
    ]
    assert collect_annotations(rows[::-1]) == {"x": annotations}


def test_a_label_of_people_outweighs_those_of_programs() -> None:
    rows = [("x", "", "fussing", PROGRAMS), ("x", "2.0", "crying", PEOPLE), ("y", "", "fussing", PROGRAMS)]
    assert collect_annotations(rows) == {
        "x": ClipAnnotations(segments=(LabeledSegment(2.0, "crying"),)),
        "y": ClipAnnotations("fussing", by=PROGRAMS),
    }


@given(one=ANNOTATIONS, other=ANNOTATIONS)
def test_other_labels_are_formatted_otherwise(one: ClipAnnotations, other: ClipAnnotations) -> None:
    assert (str(one) == str(other)) == (one == replace(other, by=one.by))
