"""A study that is killed goes on where it was: no outcome is lost, none is made twice."""

from pathlib import Path

import pytest

from training.experiments.label_noise.grid import GridPoint, Result, grid
from training.experiments.label_noise.results_log import ResultsLog

OUTCOMES = [Result(cell, 0.1, 1 / 3, 0.75, 2.5) for cell in grid(8, seeds=1)]


@pytest.fixture
def ledger(tmp_path: Path) -> ResultsLog:
    ledger = ResultsLog(tmp_path / "new" / "cells.jsonl")
    for outcome in OUTCOMES:
        ledger.append(outcome)
    return ledger


def test_what_was_written_is_read(ledger: ResultsLog) -> None:
    assert list(ledger.read()) == OUTCOMES


def test_nothing_yet(tmp_path: Path) -> None:
    assert list(ResultsLog(tmp_path / "none.jsonl").read()) == []


@pytest.mark.parametrize("lost", [1, 2, 30])
def test_a_line_that_was_cut_off_is_made_again(ledger: ResultsLog, lost: int) -> None:
    whole = ledger.path.read_bytes()
    ledger.path.write_bytes(whole[:-lost])
    assert list(ledger.read()) == OUTCOMES[:-1]
    ledger.append(OUTCOMES[-1])
    assert ledger.path.read_bytes() == whole


def test_a_cell_is_its_own_key(ledger: ResultsLog) -> None:
    known = {outcome.cell: outcome for outcome in ledger.read()}
    assert set(known) == set(grid(8, seeds=1))
    assert isinstance(next(iter(known)), GridPoint)
