"""The results log survives a kill: no result is lost, and no point is run twice."""

from pathlib import Path

import pytest

from training.experiments.label_noise.grid import GridPoint, Result, grid
from training.experiments.label_noise.results_log import ResultsLog

OUTCOMES = [Result(cell, 0.1, 1 / 3, 0.75, 2.5) for cell in grid(8, seeds=1)]


@pytest.fixture
def log(tmp_path: Path) -> ResultsLog:
    log = ResultsLog(tmp_path / "new" / "cells.jsonl")
    for outcome in OUTCOMES:
        log.append(outcome)
    return log


def test_written_results_are_read(log: ResultsLog) -> None:
    assert list(log.read()) == OUTCOMES


def test_a_missing_log_is_empty(tmp_path: Path) -> None:
    assert list(ResultsLog(tmp_path / "none.jsonl").read()) == []


@pytest.mark.parametrize("lost", [1, 2, 30])
def test_a_cut_line_is_removed(log: ResultsLog, lost: int) -> None:
    whole = log.path.read_bytes()
    log.path.write_bytes(whole[:-lost])
    assert list(log.read()) == OUTCOMES[:-1]
    log.append(OUTCOMES[-1])
    assert log.path.read_bytes() == whole


def test_a_point_is_its_own_key(log: ResultsLog) -> None:
    known = {outcome.cell: outcome for outcome in log.read()}
    assert set(known) == set(grid(8, seeds=1))
    assert isinstance(next(iter(known)), GridPoint)
