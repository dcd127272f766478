"""The published versions: their labels, digests, thresholds and migrations."""

import re
import subprocess
import sys

import pytest

from label_schema import Guideline, GuidelineError, carry_over, load, versions
from label_schema.guideline import Example, Strip
from label_schema.versions import FOLDER

DIGESTS = {
    1: "aba44a689a99e5623aec81cc3257d0c0a19d73f3bd42e3400b053fc49b882f26",
    2: "40b919082486c9e2485aa22da0e34b35f6061e909df2432b1769b10a1768903d",
}
"""A published version is never edited: models carry these digests and are refused under any other."""

guidelines = pytest.mark.parametrize(
    "guideline", [load(version) for version in versions()], ids=lambda g: f"v{g.version}"
)


def test_the_latest_is_the_default() -> None:
    assert load() is load(versions()[-1])


def test_version_2_has_the_four_labels_in_schema_order_and_only_crying_rings() -> None:
    assert [(label.name, label.rings) for label in load(2).labels] == [
        ("crying", True),
        ("fussing", False),
        ("soothed-crying", False),
        ("none", False),
    ]


def test_version_1_asked_only_cry_or_not() -> None:
    assert [(label.name, label.rings) for label in load(1).labels] == [("cry", True), ("not cry", False)]


@guidelines
def test_a_published_version_keeps_its_digest(guideline: Guideline) -> None:
    assert guideline.digest == DIGESTS[guideline.version]


@guidelines
def test_every_threshold_is_in_the_text(guideline: Guideline) -> None:
    text = " ".join(
        [question.ask for question in guideline.decision]
        + [label.definition + " ".join(label.listen_for) for label in guideline.labels]
    )
    seconds_in_text = {float(seconds) for seconds in re.findall(r"(\d+(?:\.\d+)?)(?: to \d\.\d)? s\b", text)}
    assert set(guideline.thresholds.values()) <= seconds_in_text


@guidelines
@pytest.mark.parametrize("sound", ["television", "twins", "cat", "laugh", "adult", "cut off", "far away"])
def test_common_edge_cases_have_a_label(guideline: Guideline, sound: str) -> None:
    assert any(sound in case.sound.lower() for case in guideline.edge_cases)


def label_by_thresholds(strip: Strip) -> str:
    """Return the label of a drawn clip by version 2's thresholds and decision order; its adult lane attends."""
    limit = load(2).thresholds
    bursts = [
        end - start for start, end in strip.lanes.get("cry", ()) if end - start >= limit["full_burst_min_s"] - 1e-9
    ]
    cry_s, distress_s = sum(bursts), strip.seconds("cry") + strip.seconds("fuss")
    if distress_s < limit["fussing_min_distress_s"] - 1e-9:
        return "none"
    if cry_s >= limit["soothed_min_cry_s"] - 1e-9 and strip.seconds("adult") >= limit["soothed_min_adult_s"] - 1e-9:
        return "soothed-crying"
    return "crying" if cry_s >= limit["crying_min_cry_s"] - 1e-9 else "fussing"


def drawn_examples() -> list[Example]:
    return [e for label in load(2).labels for e in label.examples + label.counter_examples if e.strip is not None]


@pytest.mark.parametrize("example", drawn_examples(), ids=lambda e: re.sub(r"\W+", "-", e.heard))
def test_every_drawn_example_gets_its_label_from_the_numbers(example: Example) -> None:
    assert example.strip is not None
    assert label_by_thresholds(example.strip) == example.label


def test_every_label_of_version_2_has_drawn_examples() -> None:
    assert {example.label for example in drawn_examples()} == set(load(2).names)


def test_labels_carry_over_only_by_a_rule() -> None:
    assert carry_over("not cry", 1, 2) == "none"
    assert carry_over("cry", 1, 2) is None
    assert carry_over("fussing", 2, 2) == "fussing"


def test_the_rule_for_not_cry_follows_from_the_thresholds() -> None:
    assert load(1).thresholds["cry_min_distress_s"] <= load(2).thresholds["fussing_min_distress_s"]


def test_every_migration_covers_the_labels_before_it() -> None:
    for before, after in zip(versions(), versions()[1:], strict=False):
        assert {rule.label for rule in load(after).migration} == set(load(before).names)


def test_labels_do_not_migrate_back() -> None:
    with pytest.raises(GuidelineError, match="label of version 2 back to version 1"):
        carry_over("crying", 2, 1)


def test_an_unknown_label_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        GuidelineError, match=r"no label 'soothed'; its labels are crying, fussing, soothed-crying, none"
    ):
        carry_over("soothed", 2, 2)


def test_an_unknown_version_is_refused_with_the_known_ones() -> None:
    with pytest.raises(GuidelineError, match="no guideline version 9; the versions are 1, 2"):
        load(9)


def test_the_package_needs_the_standard_library_and_yaml_only() -> None:
    program = (
        "import sys, yaml; before = set(sys.modules); import label_schema, label_schema.__main__;"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(*sorted(new - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=FOLDER.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["label_schema"]
