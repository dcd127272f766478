"""Slices of handmade answers: the weakest first, three remedies for each, and the effect of a remedy."""

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.support.handmade_answers import SOOTHED, cat, catalog, cry, infant
from training.cli import error_analysis
from training.cli.main import parse_arguments
from training.evaluation.error_analysis.effect import effects
from training.evaluation.error_analysis.relabel_queue import SliceError, parse_trait
from training.evaluation.error_analysis.remedies import TIMES, remedies
from training.evaluation.error_analysis.slice_keys import slice_keys
from training.evaluation.error_analysis.slices import ALARMS, MISSES, Slice, weakest_first
from training.evaluation.nights.metrics import EventAnswer
from training.synthesis.oversampling import parse_oversampling

OLD, YOUNG = "android/m-72-hu", "ios/f-04-hu"
INFANTS = [infant(number, OLD if number < 4 else YOUNG) for number in range(20)]
CLIPS = catalog(INFANTS)
ANSWERS = [
    *(cry(number, found=number >= 4) for number in range(20) for _ in range(2)),  # the four old ones are never found
    *(cry(number, number == 7, SOOTHED, manner="humming" if number == 7 else "speech") for number in range(20)),
    cat(rang=True),
    cat(rang=True, file="catmeows/2.ogg"),
    cat(rang=False),
]


def find(told: Sequence[Slice], trait: str, value: str, family: str = MISSES) -> Slice:
    (found,) = [each for each in told if (each.trait, each.value, each.family) == (trait, value, family)]
    return found


def typed(command: str) -> argparse.Namespace:
    python, _, training, *words = shlex.split(command)
    assert (python, training) == ("python", "training")
    return parse_arguments(words)


def test_an_act_has_its_infants_attributes() -> None:
    told = slice_keys(ANSWERS[0].night_event, CLIPS)
    assert {("age", "7 months-2 years"), ("recorder", "android"), ("infant", "app:0"), ("set", "nights")} <= set(told)
    assert len(told) == len(set(told))
    assert not [value for trait, value in slice_keys(ANSWERS[-1].night_event, CLIPS) if trait == "age"]


def test_the_weakest_slice_comes_first_with_its_share() -> None:
    told = weakest_first(ANSWERS, CLIPS)
    assert {(each.trait, each.value) for each in told[:2]} == {("age", "7 months-2 years"), ("recorder", "android")}
    weak = find(told, "age", "7 months-2 years")
    assert (weak.question, weak.failed, weak.share.n, weak.groups) == ("crying found", 8, 8, 4)
    assert (weak.usual, weak.mass) == (20.0, 100.0)
    assert weak.excess == pytest.approx(6.4)
    assert weak.stands_out
    humming = find(told, "manner", "humming", ALARMS)
    assert humming.failed == 1
    assert humming.mass == pytest.approx(100 / 3)
    assert told == sorted(told, key=lambda each: not each.stands_out)


def test_many_acts_of_few_cats_have_a_wide_interval() -> None:
    cats = {f"{number}.ogg": replace(CLIPS["catmeows/1.ogg"], group=f"cat {number}") for number in range(150)}

    def night_events(source: str, files: Sequence[str]) -> list[EventAnswer]:
        """Thirty night events; the first third rings."""
        heard = [cat(rang=index < 10, file=file) for index, file in enumerate(files)]
        return [replace(each, night_event=replace(each.night_event, sources=(source,))) for each in heard]

    few = night_events("few", sorted([f"{number}.ogg" for number in range(3)] * 10))
    many = night_events("many", [f"{number}.ogg" for number in range(3, 33)])
    quiet = [cat(rang=False, file=f"{number}.ogg") for number in range(33, 150)]
    told = weakest_first([*few, *many, *quiet], CLIPS | cats)
    weak, weaker = find(told, "source", "few", ALARMS), find(told, "source", "many", ALARMS)
    assert (weak.failed, weak.groups) == (weaker.failed, weaker.groups - 27) == (10, 3)
    assert not weak.stands_out
    assert weaker.stands_out
    assert weak.share.low < weaker.share.low < weaker.share.high < weak.share.high


def test_slices_without_failures_or_with_all_acts_are_left_out() -> None:
    told = weakest_first(ANSWERS, CLIPS)
    assert ("age", "0-4 weeks", MISSES) not in {(each.trait, each.value, each.family) for each in told}
    assert "confuser" not in {each.trait for each in told}  # there are only cats


def test_one_failure_of_one_does_not_stand_out_by_itself() -> None:
    told = weakest_first([cry(0, False), *(cry(number, number % 2 == 0) for number in range(1, 20))], CLIPS)
    assert not find(told, "infant", "app:0").stands_out


def test_clips_of_failed_acts_are_named_first() -> None:
    answers: list[EventAnswer] = [cry(5, True), cry(0, False), cry(6, True), cry(1, False)]
    assert find(
        weakest_first([*answers, cry(9, True, near_db=20.0)], CLIPS), "direct over reverberant, dB", "3 to 12"
    ).clips == (
        "donateacry/0.ogg",
        "donateacry/1.ogg",
        "donateacry/5.ogg",
        "donateacry/6.ogg",
    )


def test_every_slice_has_three_remedies_with_valid_commands() -> None:
    for weak in weakest_first(ANSWERS, CLIPS):
        relabel, more, augment = remedies(weak, "cry-1", CLIPS)
        assert parse_trait(relabel.command.split("'")[1]) == (weak.trait, weak.value)
        assert f" {TIMES * weak.groups} more" in more.what
        taken, put = (typed(command) for command in more.command.split(" && "))
        assert (taken.format, taken.source, put.source, put.licence) == ("csv", "NAME", "NAME", "LICENCE")
        assert put.kind == {"catmeows": "animal", "moodist/fan.ogg": "ambience", "speech": "adult_speech"}.get(
            weak.value, "singing" if weak.trait == "manner" else "infant"
        )
        if augment.command:
            assert parse_oversampling(augment.command.split("'")[1]).share > 0
        else:
            assert weak.trait not in ("age", "confuser", "manner", "source", "bed", "recorder")


@pytest.mark.parametrize(
    ("trait", "value", "family", "emphasized"),
    [
        ("age", "7 months-2 years", MISSES, "age=7 months-2 years:0.15"),
        ("infant", "app:0", MISSES, "age=7 months-2 years:0.15"),
        ("manner", "humming", ALARMS, "manner=humming:0.15"),
    ],
)
def test_the_oversampled_slice(trait: str, value: str, family: str, emphasized: str) -> None:
    augment = remedies(find(weakest_first(ANSWERS, CLIPS), trait, value, family), "cry-1", CLIPS)[2]
    assert f"--emphasize '{emphasized}'" in augment.command


@pytest.mark.parametrize("text", ["age", "age=", ""])
def test_a_slice_is_a_trait_and_a_value(text: str) -> None:
    with pytest.raises(SliceError, match="TRAIT=VALUE"):
        parse_trait(text)


def test_a_slice_without_an_effect_is_refused_before_any_run() -> None:
    parser = argparse.ArgumentParser()
    error_analysis.add_arguments(parser)
    arguments = parser.parse_args(["cry-9", "--slice", "age=2-6 months"])
    with pytest.raises(SliceError, match="--slice needs --effect OLD NEW"):
        error_analysis.run(arguments)


def test_an_effect_has_a_row_for_each_slice() -> None:
    """The new model finds the old infants, and rings for every cat."""
    after = [
        *(cry(number, found=True) for number in range(20) for _ in range(2)),
        *ANSWERS[40:60],
        *(cat(rang=True) for _ in range(3)),
    ]
    told = {(each.question, each.trait, each.value): each for each in effects(ANSWERS, after, CLIPS)}
    old_ones = told["crying found", "age", "7 months-2 years"]
    assert (old_ones.failures.old, old_ones.failures.new) == (100.0, 0.0)
    assert old_ones.better
    assert told["crying found", "all", ""].failures.change == pytest.approx(-20)
    cats = told["confusers that rang", "confuser", "cat"]
    assert cats.failures.change > 0
    assert not cats.worse  # one of three
    assert not any(each.worse for each in told.values())
    back = {(each.question, each.trait, each.value): each for each in effects(after, ANSWERS, CLIPS)}
    assert back["crying found", "age", "7 months-2 years"].worse
