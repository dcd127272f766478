"""Kill -9 at any step of a command that writes: the store opens, no accepted row is lost, the command can be repeated.

Two programs that write at once both succeed, or one is refused; no row is lost.
"""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from edge.errors import StorageError
from tests.support.command_line import run
from tests.support.kill_points import die_all, words
from tests.support.small_store import sound
from training.labels import validation
from training.labels.records import Label
from training.labels.store import LabelStore

pytestmark = pytest.mark.real

CLIPS = 4
POINTS = 12


def write_table(place: Path, name: str, numbers: range) -> Path:
    """Write a table of two people's answers to some clips."""
    with (place / name).open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "label", "labeller", "guideline"])
        for number in numbers:
            sound(place / f"{number}.wav", seed=number)
            table.writerow([f"{number}.wav", "cry" if number % 2 else "not cry", "anna", 1])
            table.writerow([f"{number}.wav", "cry", "bo", 1])
    return place / name


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of accepted labels, and a table to import."""
    place = tmp_path_factory.mktemp("before")
    run("import", "csv", write_table(place, "first.csv", range(CLIPS)), "--store", place / "store", "--jobs", "1")
    write_table(place, "more.csv", range(CLIPS, 2 * CLIPS))
    return place


def stored_labels(place: Path) -> list[Label]:
    """Return the labels of a store, after checking its integrity."""
    with LabelStore(place / "store") as store:
        assert store.damage() == []
        stray = [problem for problem in validation.problems(store, deep=True) if "belongs to no clip" not in problem]
        assert stray == []
        return store.labels()


def outputs(place: Path) -> dict[str, bytes]:
    """Return the files that a command wrote outside the store; temporary files begin with a dot."""
    files = (path for path in sorted((place / "out").rglob("*")) if path.is_file() and not path.name.startswith("."))
    return {str(path.relative_to(place)): path.read_bytes() for path in files}


def plain(labels: list[Label]) -> list[tuple[str, str, str | None, int]]:
    """Return the labels without their time."""
    return sorted((label.clip, label.labeller, label.label, label.guideline) for label in labels)


@pytest.mark.parametrize(
    "command",
    [
        "import",
        *(pytest.param(name, marks=pytest.mark.nightly) for name in ("agreement", "consensus", "relabel", "audit")),
    ],
)
def test_killed_at_any_step(before: Path, tmp_path: Path, command: str) -> None:
    (tmp_path / "before").symlink_to(before)
    die_all(command, tmp_path, POINTS)
    accepted, whole = stored_labels(before), stored_labels(tmp_path / "whole")
    for point in range(POINTS):
        place = tmp_path / str(point)
        labels = stored_labels(place)
        assert labels[: len(accepted)] == accepted  # no accepted row is lost
        assert plain(labels) in (plain(accepted), plain(whole))  # all of the command's rows, or none
        complete = outputs(tmp_path / "whole")
        assert all(complete[name] == content for name, content in outputs(place).items())  # complete or absent
        if point % 5 == 0:
            run(*words(command, place))
            assert plain(stored_labels(place)) == plain(whole)
            assert outputs(place) == complete


def test_two_writers_at_once(tmp_path: Path) -> None:
    tables = [write_table(tmp_path, "one.csv", range(6)), write_table(tmp_path, "two.csv", range(3, 9))]
    command = [sys.executable, "-m", "training", "import", "csv"]
    programs = [
        subprocess.Popen(
            [*command, str(table), "--store", str(tmp_path / "store"), "--jobs", "1"], stderr=subprocess.PIPE
        )
        for table in tables
    ]
    ends = [(program.communicate()[1], program.returncode) for program in programs]
    assert [code for _, code in ends] == [0, 0], ends
    assert len(stored_labels(tmp_path)) == 18


def test_two_reports_at_once(before: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "training", *map(str, words("audit", tmp_path))]
    command[command.index(str(tmp_path / "store"))] = str(before / "store")
    programs = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [program.wait() for program in programs] == [0, 0]
    assert {"out/index.html", "out/findings.csv", "out/queue.csv"} <= outputs(tmp_path).keys()
    assert not list((tmp_path / "out").rglob(".*"))  # each program removed or renamed its own temporary files


@pytest.mark.parametrize("command", ["import", "agreement", "consensus", "relabel", "audit"])
def test_a_damaged_store_is_reported_and_not_changed(before: Path, tmp_path: Path, command: str) -> None:
    place = tmp_path / "place"
    place.mkdir()
    write_table(place, "more.csv", range(1))
    (place / "store").mkdir()
    damaged = (before / "store" / "labels.sqlite").read_bytes()[:5_000] + b"\xff" * 3_000
    (place / "store" / "labels.sqlite").write_bytes(damaged)
    with pytest.raises(StorageError, match=r"labels.sqlite is damaged .*: restore it from a backup$"):
        run(*words(command, place))
    assert (place / "store" / "labels.sqlite").read_bytes() == damaged
