"""People's words on a clip and on pieces of it: what they come to, and that they are kept as they are."""

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
WORDS = st.sampled_from(["crying", "fussing", UNDECIDED])
SAID = st.builds(
    ClipAnnotations,
    st.none() | WORDS,
    st.dictionaries(st.integers(0, 60).map(lambda step: step / 8), WORDS, min_size=1, max_size=3).map(
        lambda found: tuple(LabeledSegment(start_s, label) for start_s, label in sorted(found.items()))
    ),
    st.sampled_from([PEOPLE, PROGRAMS]),
)


def pieces(**labels: str) -> ClipAnnotations:
    """Each named after the second at which it begins."""
    return ClipAnnotations(segments=tuple(LabeledSegment(float(name[1:]), label) for name, label in labels.items()))


@pytest.mark.parametrize(
    ("said", "over", "opening"),
    [
        (ClipAnnotations("crying"), "crying", "crying"),
        (pieces(_0="crying", _3="crying", _7="crying"), "crying", "crying"),
        (pieces(_0="crying", _3="fussing", _7="crying"), UNDECIDED, "crying"),
        (pieces(_0="crying", _3="crying"), None, "crying"),  # the last 4 s were not heard
        (pieces(_0="crying", _7="crying"), None, "crying"),  # nor 2 s in the middle
        (pieces(_3="crying", _7="crying"), None, None),
        (replace(pieces(_0="fussing"), whole="crying"), "crying", "fussing"),
    ],
)
def test_what_pieces_come_to(said: ClipAnnotations, over: str | None, opening: str | None) -> None:
    assert label_of(replace(CLIP, annotations=said), label_schema.load()) == over
    assert said.first_label() == opening


@given(said=SAID)
def test_words_are_kept_as_they_are(said: ClipAnnotations, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp() / "settled"
    training_labels.write(folder, [replace(CLIP, annotations=said), replace(CLIP, file="b.ogg")])
    assert training_labels.read(folder, "train") == {CLIP.file: said}
    assert training_labels.read(folder, "dev") == {}
    rows = [("x", "" if start_s is None else str(start_s), label, said.by) for start_s, label in said.labels()]
    assert collect_annotations(rows[::-1]) == {"x": said}


def test_what_people_say_of_a_piece_outweighs_what_programs_say_of_the_clip() -> None:
    rows = [("x", "", "fussing", PROGRAMS), ("x", "2.0", "crying", PEOPLE), ("y", "", "fussing", PROGRAMS)]
    assert collect_annotations(rows) == {
        "x": ClipAnnotations(segments=(LabeledSegment(2.0, "crying"),)),
        "y": ClipAnnotations("fussing", by=PROGRAMS),
    }


@given(one=SAID, other=SAID)
def test_other_words_are_another_digest(one: ClipAnnotations, other: ClipAnnotations) -> None:
    assert (str(one) == str(other)) == (one == replace(other, by=one.by))
