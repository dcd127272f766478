"""``python -m training study``: from a data folder to a page, without repeating kept results."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from training.cli.main import main
from training.experiments.label_noise.experiment import StudyError, refuse_too_many_examples
from training.experiments.label_noise.grid import REHEARSAL, grid, sizes
from training.experiments.label_noise.noise import NOISES

pytestmark = pytest.mark.slow


def _study(monkeypatch: pytest.MonkeyPatch, *options: object) -> int:
    monkeypatch.setattr(sys, "argv", ["training", "study", *map(str, options), "--jobs", "1"])
    return main()


def test_a_study_from_clips_to_the_page(
    tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--data", tiny_data, "--work", tmp_path / "work", "--out", tmp_path / "out")
    assert _study(monkeypatch, "--rehearse", *where, "--chart", tmp_path / "chart.svg") == 0
    told = capsys.readouterr().out
    assert told.splitlines()[-1] == f"report: {tmp_path / 'out' / 'report.html'}"

    figures = json.loads((tmp_path / "out" / "figures.json").read_text(), parse_constant=pytest.fail)
    cells = grid(REHEARSAL.reference, REHEARSAL.seeds)
    assert len(figures["cells"]) == len(cells)
    for cell in figures["cells"]:
        assert 0 <= cell["macro_f1"] <= 1
        assert 0 <= cell["auc"] <= 1
    assert len(figures["choices"]) == len(NOISES) - 1
    for row in figures["comparison"]["rows"]:
        assert f"| {row['question']} |" in told

    page = (tmp_path / "out" / "report.html").read_text()
    assert page.count("<svg") == 3
    for noise in NOISES:
        assert f"<td>{noise}</td>" in page
        assert f"| {noise} |" in told
    chart = (tmp_path / "chart.svg").read_bytes()
    assert ET.fromstring(chart).tag.endswith("svg")  # noqa: S314 - our own drawing
    assert len(chart) < 100_000

    (ledger,) = tmp_path.glob("work/study/*/cells.jsonl")
    rows = ledger.read_text().splitlines(keepends=True)
    assert len(rows) == len(cells) == len(sizes(8)) * len(NOISES) * 2
    ledger.write_text("".join(rows[:70]) + rows[70][:20])  # killed while it wrote the 71st
    (net,) = tmp_path.glob("work/study/comparison-*/v2-1.npy")
    net.unlink()
    assert _study(monkeypatch, "--rehearse", *where) == 0
    assert ledger.read_text().startswith("".join(rows[:70]))
    assert [_timeless(row) for row in ledger.read_text().splitlines()] == [_timeless(row) for row in rows]
    again = json.loads((tmp_path / "out" / "figures.json").read_text())
    assert again["choices"] == figures["choices"]
    assert again["comparison"] == figures["comparison"]


@pytest.mark.parametrize(
    ("reference", "needed", "remedy"), [(30, 120, "lower --examples"), (5, 30, "add clips to the data folder")]
)
def test_too_few_examples_are_one_error_line(reference: int, needed: int, remedy: str) -> None:
    asked = replace(REHEARSAL, reference=reference)
    refuse_too_many_examples(needed, asked)
    with pytest.raises(StudyError, match=f"{needed - 1} labeled examples, {needed} are needed: {remedy}"):
        refuse_too_many_examples(needed - 1, asked)


@pytest.mark.parametrize(
    ("examples", "why"), [("0", "must be a whole number from 1"), ("50", "must be a multiple of 4, not 50")]
)
def test_a_set_that_cannot_be_quartered_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], examples: str, why: str
) -> None:
    with pytest.raises(SystemExit):
        _study(monkeypatch, "--examples", examples)
    assert why in capsys.readouterr().err


def _timeless(row: str) -> dict[str, object]:
    """Return the row without its processor time."""
    cell: dict[str, object] = json.loads(row)
    del cell["cpu_s"]
    return cell
