"""The consensus with its votes, and the migration to a new guideline version."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.small_store import clip, label, labels
from training.labels import migration
from training.labels.consensus import Consensus, Method, reach_consensus, write
from training.labels.records import AUTHORITY, CARRIED, Label, LabelError

CLIPS = [clip(number) for number in range(6)]
BY_NAME = {each.clip: each for each in CLIPS}


def settled(given_labels: list[Label], method: Method = Method.MAJORITY, sure: float = 0.5) -> list[Consensus]:
    """Return the consensus of each clip, in the order of CLIPS."""
    found = {each.clip: each for each in reach_consensus(given_labels, 2, method, sure)}
    return [found[each.clip] for each in CLIPS if each.clip in found]


def test_majority() -> None:
    most, tie, one = settled(labels(CLIPS[:3], {"anna": "ccf", "bo": "cf ", "cy": "f  "}))
    assert (most.label, most.by) == ("crying", "person, majority")
    assert most.confidence == pytest.approx(2 / 3)
    assert most.votes == {"anna": "crying", "bo": "crying", "cy": "fussing"}
    assert (tie.label, tie.confidence) == (None, 0.5)
    assert (one.label, one.by) == ("fussing", "person")


def test_only_the_latest_labels_of_the_highest_rank_count() -> None:
    given_labels = [label(CLIPS[0], "anna" if kind == "person" else f"{kind}:x", None) for kind in AUTHORITY]
    for index, kind in reversed(list(enumerate(AUTHORITY))):
        said = "crying" if index % 2 else "fussing"
        given_labels.append(label(CLIPS[0], "anna" if kind == "person" else f"{kind}:x", said, round_=2))
        (found,) = settled(given_labels)
        assert (found.label, found.by) == (said, kind)


def test_programs_do_not_outvote_a_person() -> None:
    programs = [label(CLIPS[0], f"program:{name}", "fussing") for name in "ab"]
    (found,) = settled([*programs, label(CLIPS[0], "anna", "crying")])
    assert (found.label, found.votes) == ("crying", {"anna": "crying"})
    (found,) = settled(programs)
    assert (found.label, found.by, found.heard) == ("fussing", "program, majority", False)
    carried = replace(label(CLIPS[0], f"{CARRIED}-1-2", "none"), note="program:a=not cry; program:b=not cry")
    (found,) = settled([carried])
    assert (found.label, found.by, found.heard) == ("none", "program", False)
    (found,) = settled([*programs, replace(carried, note="anna=not cry")])
    assert (found.label, found.by, found.heard) == ("none", "rule", True)


def test_a_skip_is_not_a_vote() -> None:
    assert settled([label(CLIPS[0], "anna", None)]) == []
    assert settled([label(CLIPS[0], "anna", "crying"), label(CLIPS[0], "anna", None, round_=2)]) == []


def test_dawid_skene_weights_people_by_their_confusion() -> None:
    many = [clip(number) for number in range(40)]
    truth = "cf.s" * 10
    given_labels = labels(many, {"anna": truth, "bo": truth, "cy": "c" * 39 + "f"})
    given_labels += labels([CLIPS[0]], {"dee": "c"})
    found = reach_consensus(given_labels, 2, Method.DAWID_SKENE, 0.9)
    assert {each.by for each in found} == {"person, dawid-skene"}
    assert [each.label for each in reach_consensus(given_labels, 2, Method.DAWID_SKENE, 1.0)] == [None] * 40


@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from("cfs."), st.sampled_from(["anna", "bo", "cy"])), max_size=20)
)
@settings(max_examples=50, deadline=None)
def test_the_consensus_is_always_one_of_the_votes(said: list[tuple[int, str, str]]) -> None:
    unique = {(number, who): letter for number, letter, who in said}
    given_labels = [each for (number, who), letter in unique.items() for each in labels([CLIPS[number]], {who: letter})]
    for method in Method:
        for each in reach_consensus(given_labels, 2, method, 0.5):
            assert 0 < each.confidence <= 1 + 1e-9
            if method is Method.MAJORITY:
                assert each.label is None or each.label in each.votes.values()
    assert {each.clip for each in reach_consensus(given_labels, 2, Method.MAJORITY, 0.5)} == {
        one.clip for one in given_labels
    }


def test_the_table(tmp_path: Path) -> None:
    path = tmp_path / "out" / "v2.csv"
    write(path, settled(labels(CLIPS[:2], {"anna": "cc", "bo": "cf"})), BY_NAME, 2)
    first, second = csv.DictReader(path.read_text().splitlines())
    assert (first["label"], first["votes"], first["by"]) == ("crying", "anna=crying; bo=crying", "person, majority")
    assert (second["label"], second["confidence"]) == ("", "0.5000")
    assert [each.name for each in path.parent.iterdir()] == ["v2.csv"]


OLD = {"anna": "nnccn ", "bo": "ncc   "}


def old_labels() -> list[Label]:
    return [*labels(CLIPS, OLD, version=1, names="cn"), label(CLIPS[5], "anna", None, version=1)]


def test_labels_carry_over_where_every_vote_does() -> None:
    timed = [label(CLIPS[4], "cy", "not cry", version=1, seconds=9.0)]
    plan = migration.plan_migration([*old_labels(), *timed], BY_NAME, 1, 2)
    assert {each.clip for each in plan.carried} == {CLIPS[0].clip, CLIPS[4].clip}
    assert {(each.labeller, each.label, each.guideline) for each in plan.carried} == {
        ("rule:carry-over-1-2", "none", 2)
    }
    (first,) = (each for each in plan.carried if each.clip == CLIPS[0].clip)
    assert first.note == "anna=not cry; bo=not cry"
    assert {each.clip: (each.was, each.why) for each in plan.queue} == {
        CLIPS[1].clip: ("cry; not cry", "cry of version 1 must be relabeled"),
        CLIPS[2].clip: ("cry", "cry of version 1 must be relabeled"),
        CLIPS[3].clip: ("cry", "cry of version 1 must be relabeled"),
        CLIPS[5].clip: ("skipped", "skipped under version 1"),
    }
    assert (plan.audio_s, plan.label_s) == (20.0, 9.0)


def test_a_clip_labeled_under_the_new_version_is_not_queued() -> None:
    plan = migration.plan_migration(old_labels(), BY_NAME, 1, 2)
    after = [*old_labels(), *plan.carried, label(CLIPS[1], "anna", "fussing"), label(CLIPS[2], "teacher:net", "crying")]
    again = migration.plan_migration(after, BY_NAME, 1, 2)
    assert again.carried == []
    assert {each.clip for each in again.queue} == {CLIPS[2].clip, CLIPS[3].clip, CLIPS[5].clip}


def test_a_long_clip_is_not_queued_if_its_segments_are_labeled() -> None:
    whole = replace(clip(10), duration_s=7.0)
    first, second = (clip(11 + at_s, piece_of=whole.clip, piece_at_s=f"{at_s:.3f}") for at_s in (0, 2))
    by_name = {each.clip: each for each in (whole, first, second)}
    rows = [label(whole, "source:app", "cry", 1), label(first, "anna", "cry", 1)]
    assert {each.clip for each in migration.plan_migration(rows, by_name, 1, 2).queue} == {whole.clip, first.clip}
    rows.append(label(second, "anna", "not cry", 1))
    plan = migration.plan_migration(rows, by_name, 1, 2)
    assert [each.clip for each in plan.queue] == [first.clip]
    assert [each.clip for each in plan.carried] == [second.clip]
    rows.append(label(first, "anna", "crying"))
    assert migration.plan_migration([*rows, *plan.carried], by_name, 1, 2).queue == []


def test_the_queue_file(tmp_path: Path) -> None:
    migration.write_queue(tmp_path / "queue.csv", migration.plan_migration(old_labels(), BY_NAME, 1, 2), BY_NAME)
    rows = list(csv.DictReader((tmp_path / "queue.csv").read_text().splitlines()))
    assert len(rows) == 4
    assert {row["guideline"] for row in rows} == {"2"}


@pytest.mark.parametrize(
    ("old", "new", "problem"), [(2, 1, "must be an older version"), (1, 9, "no guideline version 9")]
)
def test_an_impossible_migration_is_refused(old: int, new: int, problem: str) -> None:
    with pytest.raises(LabelError, match=problem):
        migration.plan_migration([], BY_NAME, old, new)
