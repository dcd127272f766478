"""People's words on a clip and on pieces of it: what they come to, and that they are kept as they are."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data.annotations import PEOPLE, PROGRAMS, UNDECIDED, Said, Stretch, gather
from training.data.manifest import Clip
from training.labels import training_labels
from training.synthesis.labeled_clips import word_on

CLIP = Clip("a.ogg", "esc", "esc:1", "infant", "crying_baby", "CC0", 12.0, "train")
WORDS = st.sampled_from(["crying", "fussing", UNDECIDED])
SAID = st.builds(
    Said,
    st.none() | WORDS,
    st.dictionaries(st.integers(0, 60).map(lambda step: step / 8), WORDS, min_size=1, max_size=3).map(
        lambda found: tuple(Stretch(start_s, label) for start_s, label in sorted(found.items()))
    ),
    st.sampled_from([PEOPLE, PROGRAMS]),
)


def pieces(**labels: str) -> Said:
    """Each named after the second at which it begins."""
    return Said(stretches=tuple(Stretch(float(name[1:]), label) for name, label in labels.items()))


@pytest.mark.parametrize(
    ("said", "over", "opening"),
    [
        (Said("crying"), "crying", "crying"),
        (pieces(_0="crying", _3="crying", _7="crying"), "crying", "crying"),
        (pieces(_0="crying", _3="fussing", _7="crying"), UNDECIDED, "crying"),
        (pieces(_0="crying", _3="crying"), None, "crying"),  # the last 4 s were not heard
        (pieces(_0="crying", _7="crying"), None, "crying"),  # nor 2 s in the middle
        (pieces(_3="crying", _7="crying"), None, None),
        (replace(pieces(_0="fussing"), whole="crying"), "crying", "fussing"),
    ],
)
def test_what_pieces_come_to(said: Said, over: str | None, opening: str | None) -> None:
    assert word_on(replace(CLIP, said=said)) == over
    assert said.opening() == opening


@given(said=SAID)
def test_words_are_kept_as_they_are(said: Said, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp() / "settled"
    training_labels.write(folder, [replace(CLIP, said=said), replace(CLIP, file="b.ogg")])
    assert training_labels.read(folder, "train") == {CLIP.file: said}
    assert training_labels.read(folder, "dev") == {}
    rows = [("x", "" if start_s is None else str(start_s), label, said.by) for start_s, label in said.words()]
    assert gather(rows[::-1]) == {"x": said}


def test_what_people_say_of_a_piece_outweighs_what_programs_say_of_the_clip() -> None:
    rows = [("x", "", "fussing", PROGRAMS), ("x", "2.0", "crying", PEOPLE), ("y", "", "fussing", PROGRAMS)]
    assert gather(rows) == {"x": Said(stretches=(Stretch(2.0, "crying"),)), "y": Said("fussing", by=PROGRAMS)}


@given(one=SAID, other=SAID)
def test_other_words_are_another_digest(one: Said, other: Said) -> None:
    assert (str(one) == str(other)) == (one == replace(other, by=one.by))
