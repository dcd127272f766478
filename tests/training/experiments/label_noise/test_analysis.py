"""The analysis of handmade results."""

import math

import numpy as np
import pytest

from training.experiments.label_noise.analysis import Choice, choices, estimate, table
from training.experiments.label_noise.grid import GridPoint, Result, grid, sizes
from training.experiments.label_noise.noise import CLEAN, NOISES, Noise, NoiseKind
from training.statistics import Estimate, Figures

SWAP = Noise(NoiseKind.SWAP, 0.3)
COUNTS = [125, 250, 500, 1_000, 2_000]


def _rows(*means: float, spread: float = 0.0) -> Figures:
    """[sizes, 5 seeds]; the seeds differ by the same amount at every point, as paired points do."""
    return np.array(means)[:, None] + spread * np.linspace(-1, 1, 5)


def _choice(clean: Figures, noisy: Figures) -> Choice:
    (choice,) = choices({CLEAN: clean, SWAP: noisy}, COUNTS, 500)
    return choice


def test_the_reference_is_quartered_halved_doubled_and_quadrupled() -> None:
    assert sizes(500) == COUNTS
    cells = grid(500, seeds=2)
    assert len(cells) == len(set(cells)) == 2 * len(NOISES) * len(COUNTS)


def test_a_table_is_by_size_and_seed() -> None:
    outcomes = [Result(cell, 0.0, cell.examples + cell.seed / 10, 0.5, 1.0) for cell in grid(500, seeds=3)]
    rows = table(outcomes[::-1], "macro_f1")
    assert set(rows) == set(NOISES)
    np.testing.assert_allclose(rows[SWAP], [[count, count + 0.1, count + 0.2] for count in COUNTS])


def test_worth_is_read_off_the_curve_between_sizes() -> None:
    clean = _rows(0.3, 0.4, 0.5, 0.6, 0.7, spread=0.05)
    noisy = _rows(0.2, 0.3, 0.4, 0.45, 0.55, spread=0.05)
    worth = _choice(clean, noisy).worth
    assert worth.value == pytest.approx(1_000 * math.sqrt(2))  # halfway up the last doubling
    assert worth.low == pytest.approx(worth.value)  # paired: seeds move both curves alike
    assert worth.high == pytest.approx(worth.value)


def test_worth_beyond_what_was_tried_is_infinite() -> None:
    worth = _choice(_rows(0.3, 0.4, 0.5, 0.6, 0.7), _rows(0.1, 0.1, 0.2, 0.2, 0.3)).worth
    assert worth == Estimate(math.inf, math.inf, math.inf, 5)


def test_harmless_noise_is_worth_as_many_examples() -> None:
    same = _rows(0.3, 0.4, 0.5, 0.6, 0.7)
    assert _choice(same, same).worth.value == pytest.approx(500)


@pytest.mark.parametrize(
    ("doubled", "spread", "verdict"), [(0.4, 0.01, "clean"), (0.6, 0.01, "collect"), (0.5, 0.2, "cannot tell")]
)
def test_a_verdict_needs_the_whole_interval(doubled: float, spread: float, verdict: str) -> None:
    noisy = _rows(0.1, 0.2, 0.3, doubled, 0.7)
    noisy[3] += spread * np.array([1, -1, 0.5, -0.5, 0.0])
    choice = _choice(_rows(0.3, 0.4, 0.5, 0.6, 0.7), noisy)
    assert choice.verdict == verdict
    assert choice.gain.value == pytest.approx(0.5 - doubled)


def test_differences_are_taken_seed_by_seed() -> None:
    """Seeds differ much, but cleaning is better in each, so the verdict is certain."""
    gain = _choice(_rows(*[0.5] * 5, spread=0.3), _rows(*[0.49] * 5, spread=0.3)).gain
    assert gain.low == pytest.approx(0.01)
    assert gain.high == pytest.approx(0.01)


def test_an_interval_holds_its_figure_and_is_the_same_again() -> None:
    values = np.array([0.1, 0.4, 0.5, 0.2, 0.9])
    found = estimate(values)
    assert found.value == pytest.approx(0.42)
    assert found.low < found.value < found.high
    assert found == estimate(values)


def test_points_of_a_seed_differ() -> None:
    assert GridPoint(500, SWAP, 1) != GridPoint(500, CLEAN, 1)
