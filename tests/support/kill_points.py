"""Runs a verb again and again, killed with signal 9 before its n-th step that could leave something half done.

``python -m tests.support.kill_points VERB FOLDER POINTS``: copies FOLDER/before to FOLDER/0, FOLDER/1 ... and dies in
each at another point, spread over the whole run; prints how many steps an undisturbed run in FOLDER/whole takes. One
program for all, which forks: importing the workshop takes longer than the verbs.
"""

import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from signal import SIGKILL
from types import FrameType

from tests.support.command_line import run
from training.cli.main import ALIASES
from training.labels.store import LabelStore

STEPS = frozenset(
    ("open", "write", "fsync", "rename", "replace", "mkdir", "chmod", "execute", "link", "unlink", "close")
)
"""C functions that change a disk, SQLite's among them."""
MODULES = {
    "import": ["training.cli.import_clips"],
    "collect": ["tests.support.fake_tagger", "training.labels.collect"],
}
"""Modules to import before a command runs and its steps are counted, if not the command's own in ``training.cli``."""


def words(verb: str, place: Path) -> list[str | Path]:
    """The command line in a place."""
    store: list[str | Path] = ["--store", place / "store", "--jobs", "1"]
    models: list[str | Path] = ["--models", place / "models"]
    options: dict[str, list[str | Path]] = {
        "import": ["csv", place / "more.csv", *store],
        "agreement": ["--guideline", "1", "--out", place / "out", *store],
        "consensus": ["--guideline", "1", "--out", place / "out" / "consensus.csv", *store],
        "relabel": ["--from", "1", "--to", "2", "--out", place / "out" / "queue.csv", *store],
        "audit": ["--guideline", "1", "--out", place / "out", *store],
        "promote": ["a-3", "--anyway", "a test", *models],
        "rollback": models,
    }
    return [verb, *options[verb]]


def act(verb: str, place: Path) -> None:
    """Run a verb."""
    if verb != "collect":
        run(*words(verb, place))
        return
    from tests.support.fake_tagger import CryEars  # noqa: PLC0415 - MODULES says why
    from training.labels.collect import SplitAssignment, collect  # noqa: PLC0415

    with LabelStore(place / "store") as store:
        collect(store, "more", SplitAssignment("household", None, "CC0"), place / "data", place / "work", CryEars())


class Death:
    """Comes before the step of this number; steps are counted meanwhile."""

    def __init__(self, step: int) -> None:
        self.steps = 0
        self._last = step

    def __call__(self, _frame: FrameType, event: str, function: object) -> None:
        if event == "c_call" and getattr(function, "__name__", "") in STEPS:
            if self.steps == self._last:
                os.kill(os.getpid(), SIGKILL)
            self.steps += 1


def die_all(verb: str, folder: Path, points: int) -> None:
    """``main`` in a program of its own."""
    program = [sys.executable, "-m", "tests.support.kill_points", verb, str(folder), str(points)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= points


def die(verb: str, place: Path, step: int) -> int:
    """Run a verb in a child; the steps it took, or -1 if it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 - for as long as the child lives
        death = Death(step)
        sys.setprofile(death)
        act(verb, place)
        sys.setprofile(None)
        os.write(writing, str(death.steps).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        steps = told.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == SIGKILL:
        return -1
    assert status == 0, f"{verb} failed in {place}"
    return int(steps)


def main(verb: str, folder: Path, points: int) -> None:
    """See above."""
    for module in MODULES.get(verb) or [f"training.cli.{ALIASES.get(verb, verb)}"]:
        import_module(module)
    shutil.copytree(folder / "before", folder / "whole")
    steps = die(verb, folder / "whole", step=sys.maxsize)
    print(steps)
    for point in range(points):
        place = folder / str(point)
        shutil.copytree(folder / "before", place)
        assert die(verb, place, step=point * steps // points) == -1


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
