"""Throughput: the tables are arithmetic, and every step is measured on tiny clips."""

import re
from pathlib import Path

import pytest

from training.benchmarks.throughput import Fleet, StepRate, as_text, measure
from training.data.workspace import read_workspace

pytestmark = pytest.mark.slow

FLEET = Fleet(clips=1_000_000, devices=10_000, shared_a_week=7, listen_s=9)
PACES = [StepRate(step, audio_s=500.0, cpu_s=1.0) for step in ("decode", "label", "compose", "listen", "nights")]


def test_a_million_clips_are_extrapolated_from_a_second() -> None:
    assert PACES[0].core_hours(1_000_000) == pytest.approx(5_000_000 / 500 / 3_600)
    text = as_text(PACES, FLEET, clip_bytes=25_000, model_bytes=1_160_000)
    assert "| decode | 500 | 2.8 h | 2 min |" in text
    assert "| as they are kept, 25 kB each | 25 GB |" in text
    assert "| heard once by a person, 9 s each | 2,500 h |" in text
    assert "| clips that come in | 10,000 a day, 0.25 GB a day |" in text
    assert "| a day's clips heard by people, 9 s each | 25 h a day |" in text
    assert "| a new model to all, 1.16 MB each | 11.6 GB |" in text


def test_every_step_is_measured(tiny_data: Path, model: Path, tmp_path: Path) -> None:
    paces = measure(read_workspace(tiny_data, tmp_path), model, seconds=0.05)
    for pace in paces:
        assert pace.audio_s > 0
        assert pace.cpu_s > 0
    rows = [
        line for line in as_text(paces, FLEET, 1.0, 1).splitlines() if re.search(r"\| \d[\d,]* \| [\d.,]+ h \|", line)
    ]
    assert len(rows) == len(paces)
