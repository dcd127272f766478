"""Faults of damaged and poor sound, no faults of good sound, and outliers."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from edge.records import SAMPLE_RATE, FloatArray
from tests.support import audit_sounds as sounds
from training.audit.descriptors import Descriptor, describe_recordings
from training.audit.findings import FindingKind
from training.audit.inputs import Recording
from training.audit.outliers import damaged, outliers
from training.audit.signal_quality import find_faults
from training.synthesis.room_acoustics import band_limit


def dull(samples: FloatArray) -> FloatArray:
    return band_limit(samples, 50, 900)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda samples: samples * 0, "100% of the recording is silent (below -80 dBFS)"),
        (lambda samples: samples * np.float32(1e-4), "of the recording is silent"),
        (lambda samples: (samples * 30).clip(-1, 1), "of the samples are clipped"),
        (lambda samples: samples * np.float32(0.1) + np.float32(0.3), "the DC offset is +0.30 of full scale"),
        (dull, "no energy above 1."),
    ],
)
@pytest.mark.parametrize("number", range(3))
def test_each_fault_is_named(spoil: Callable[[FloatArray], FloatArray], why: str, number: int) -> None:
    sound = sounds.voice(number, seed=2)
    assert find_faults(sound) == []
    found = find_faults(spoil(sound))
    assert [why in each.why for each in found] == [True], found
    assert 0 < found[0].severity <= 1


def test_a_loud_recording_is_not_clipped() -> None:
    time_s = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    chord = sum(np.sin(2 * np.pi * hz * time_s) for hz in (440.0, 2_500.0, 3_700.0))
    assert find_faults((chord / np.abs(chord).max()).astype(np.float32)) == []


def test_a_truncated_file_is_rated_by_its_missing_part(tmp_path: Path) -> None:
    whole = sounds.write(tmp_path / "whole.flac", sounds.voice(2, seed=3))
    cut = tmp_path / "cut.flac"
    cut.write_bytes(whole.read_bytes()[:40_000])
    (tmp_path / "text.wav").write_text("no sound at all")
    intact, cut_short, text, missing = describe_recordings(
        [whole, cut, tmp_path / "text.wav", tmp_path / "missing.wav"], label_s=5.0, jobs=1
    )
    assert not intact.faults
    (fault,) = cut_short.faults
    assert fault.why.startswith("the file is ")
    assert str(tmp_path) not in fault.why
    assert fault.severity == pytest.approx(0.1 + 0.9 * (1 - cut_short.seconds / 4.0), abs=0.01)
    assert (text.seconds, missing.seconds, missing.digest) == (0, 0, "")
    assert [each.faults[0].severity for each in (text, missing)] == [1.0, 1.0]
    found = list(damaged([intact, cut_short, text, missing]))
    assert [(each.kind, each.subject) for each in found] == [
        (FindingKind.SOUND, 1),
        (FindingKind.SOUND, 2),
        (FindingKind.SOUND, 3),
    ]


@given(arrays.arrays(np.float32, st.integers(0, 3_000), elements=st.floats(-1, 1, width=32)))
@settings(max_examples=50, deadline=None)
def test_any_sound_can_be_checked(samples: FloatArray) -> None:
    assert all(0 < fault.severity <= 1 for fault in find_faults(samples))


def test_an_outlier_is_found() -> None:
    vectors = np.random.default_rng(0).normal(0, 1, (60, 40)).astype(np.float32)
    vectors[17] += 9
    no_marks = np.zeros((0, 2), np.int32)
    descriptors = [Descriptor(str(index), 1.0, row, no_marks, []) for index, row in enumerate(vectors)]
    recordings = [Recording(f"{index}.wav", Path("x"), "desk", "g", "", None, "") for index in range(60)]
    (found,) = outliers(recordings, descriptors)
    assert (found.kind, found.subject) == (FindingKind.OUTLIER, 17)
    assert "times the median distance to its 5 nearest; the nearest is" in found.why
    assert list(outliers(recordings[:20], descriptors[:20])) == []
