"""Duplicates: altered copies of a sound are found, and different sounds are not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.records import SAMPLE_RATE, FloatArray
from tests.support import audit_sounds as sounds
from training.audit.cross_correlation import SAME_SOUND, correlation
from training.audit.descriptors import describe_recordings
from training.audit.duplicates import DuplicatePair, as_findings, find_duplicates, merge_groups
from training.audit.findings import FindingKind
from training.audit.fingerprints import candidates, marks
from training.audit.inputs import Recording
from training.synthesis.room_acoustics import band_limit

ORIGINALS = 24


def recording(path: Path, group: str, split: str = "", label: str | None = None) -> Recording:
    return Recording(path.stem, path, "desk", group, split, label, "anna" if label else "")


@pytest.fixture(scope="module")
def originals() -> list[FloatArray]:
    return [sounds.voice(number, seed=0) for number in range(ORIGINALS)]


def find_pairs(paths: list[Path]) -> list[DuplicatePair]:
    recordings = [recording(path, group=path.stem) for path in paths]
    return find_duplicates(recordings, describe_recordings(paths, 5.0, jobs=1), jobs=1)


def test_altered_copies_are_found_and_no_other_pairs(tmp_path: Path, originals: list[FloatArray]) -> None:
    paths = [sounds.write(tmp_path / f"{number:02}.wav", samples) for number, samples in enumerate(originals)]
    planted = set()
    for number, disguise in enumerate(sounds.DISGUISES * 2):  # each alters a cry, speech or rustling, twice
        of = 2 * number % ORIGINALS
        paths.append(sounds.write(tmp_path / f"{of:02}-{disguise.__name__}-{number}.ogg", disguise(originals[of])))
        planted.add((of, len(paths) - 1))
    pairs = find_pairs(paths)
    found = {(each.first, each.second) for each in pairs}
    assert len(planted) == 12
    missed = [paths[second].stem for first, second in planted - found]
    wrong = [(paths[first].stem, paths[second].stem) for first, second in found - planted]
    assert (missed, wrong) == ([], [])
    assert all(SAME_SOUND <= each.correlation <= 1 for each in pairs)


def test_the_delay_of_the_sound_is_measured(tmp_path: Path, originals: list[FloatArray]) -> None:
    paths = [
        sounds.write(tmp_path / "a.wav", originals[0]),
        sounds.write(tmp_path / "b.wav", sounds.cut_out(originals[0])),
    ]
    (pair,) = find_pairs(paths)
    assert pair.lag_s == pytest.approx(-(SAMPLE_RATE + 77) / SAMPLE_RATE, abs=0.02)


def test_copies_of_silence_are_found_by_their_content(tmp_path: Path) -> None:
    paths = [sounds.write(tmp_path / f"{name}.wav", np.zeros(8_000, np.float32)) for name in "abc"]
    paths[2].write_bytes(paths[2].read_bytes()[:-100])
    assert find_pairs(paths) == [DuplicatePair(0, 1, 1.0, 0.0)]


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: np.sin(2 * np.pi * 440 * np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE + rng.uniform(0, 6)),
        lambda rng: rng.normal(0, 0.1, 3 * SAMPLE_RATE),
        lambda rng: band_limit(rng.standard_normal(3 * SAMPLE_RATE).astype(np.float32), 90, 300),
    ],
)
def test_two_hums_hisses_or_rumbles_are_not_one_sound(make: Callable[[np.random.Generator], FloatArray]) -> None:
    for seed in range(4):
        rng = np.random.default_rng(seed)
        first, second = ((make(rng) + rng.normal(0, 0.02, 3 * SAMPLE_RATE)).astype(np.float32) for _ in range(2))
        assert correlation(first, second, 0) < SAME_SOUND - 0.1


def test_nothing_to_compare() -> None:
    assert candidates([]) == []
    silence = np.zeros(SAMPLE_RATE, np.float32)
    assert candidates([marks(silence), marks(silence[:0]), marks(silence[:10])]) == []
    assert correlation(silence, silence, 0) == 0
    assert correlation(silence, silence, SAMPLE_RATE) == 0


def test_marks_do_not_depend_on_gain(originals: list[FloatArray]) -> None:
    loud, quiet = (marks(originals[1] * np.float32(gain)) for gain in (1.0, 0.01))
    common = len({*map(tuple, loud)} & {*map(tuple, quiet)})
    assert common > 0.95 * len(loud) > 50


RECORDINGS = [
    recording(Path("a.wav"), "infant:1", "train", "crying"),
    recording(Path("b.wav"), "infant:2", "test", "crying"),
    recording(Path("c.wav"), "infant:1", "train", "fussing"),
    recording(Path("d.wav"), "infant:3", "train"),
]


def test_leaks_and_duplicates_are_different_findings() -> None:
    pairs = [DuplicatePair(0, 1, 0.9, 0.0), DuplicatePair(0, 2, 0.8, 1.5), DuplicatePair(0, 3, 0.7, -1.5)]
    leak, contradiction, apart = as_findings(pairs, RECORDINGS)
    assert (leak.kind, leak.other) == (FindingKind.LEAK, 1)
    assert leak.why.startswith("the same sound (correlation 0.90) in the splits train and test: ")
    assert "put both into one group and repeat the split" in leak.why
    assert (contradiction.kind, apart.kind) == (FindingKind.DUPLICATE, FindingKind.DUPLICATE)
    assert contradiction.why == "the same sound (correlation 0.80, 1.5 s later); labeled crying here and fussing there"
    assert "in two groups, which a split may separate" in apart.why
    assert contradiction.score > apart.score


def test_a_group_in_two_splits_is_a_leak() -> None:
    split_group = [replace(each, group="infant:1") for each in RECORDINGS]
    (leak,) = as_findings([], split_group)
    assert (leak.kind, leak.subject, leak.other) == (FindingKind.LEAK, 0, 1)
    assert leak.why == "group infant:1 is in the splits train and test: split by group"
    assert list(as_findings([], [replace(each, split="") for each in split_group])) == []


def test_groups_that_share_a_sound_are_one() -> None:
    assert merge_groups(RECORDINGS, []) == ["infant:1", "infant:2", "infant:1", "infant:3"]
    assert merge_groups(RECORDINGS, [DuplicatePair(1, 3, 0.9, 0.0)]) == ["infant:1", "infant:2", "infant:1", "infant:2"]
    assert (
        merge_groups(
            RECORDINGS, [DuplicatePair(1, 3, 0.9, 0.0), DuplicatePair(2, 3, 0.9, 0.0), DuplicatePair(0, 2, 1.0, 0.0)]
        )
        == ["infant:1"] * 4
    )
