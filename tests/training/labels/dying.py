"""Runs a verb again and again, killed with signal 9 before its n-th step that could leave something half done.

``python -m tests.training.labels.dying VERB FOLDER POINTS``: copies FOLDER/before to FOLDER/0, FOLDER/1 ... and dies in
each at another point, spread over the whole run; prints how many steps an undisturbed run in FOLDER/whole takes. One
program for all, which forks: importing the workshop takes longer than the verbs.
"""

import os
import shutil
import sys
from pathlib import Path
from signal import SIGKILL
from types import FrameType

from tests.training.labels.test_label_verbs import run

STEPS = frozenset(("open", "write", "fsync", "rename", "mkdir", "chmod", "execute", "link", "unlink", "close"))
"""C functions that change a disk, SQLite's among them."""


def words(verb: str, place: Path) -> list[str | Path]:
    """The command line in a place."""
    store: list[str | Path] = ["--store", place / "store", "--jobs", "1"]
    options: dict[str, list[str | Path]] = {
        "import": ["csv", place / "more.csv"],
        "agreement": ["--guideline", "1", "--out", place / "out"],
        "consensus": ["--guideline", "1", "--out", place / "out" / "consensus.csv"],
        "relabel": ["--from", "1", "--to", "2", "--out", place / "out" / "queue.csv"],
        "audit": ["--guideline", "1", "--out", place / "out"],
    }
    return [verb, *options[verb], *store]


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


def die(verb: str, place: Path, step: int) -> int:
    """Run a verb in a child; the steps it took, or -1 if it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 - for as long as the child lives
        death = Death(step)
        sys.setprofile(death)
        run(*words(verb, place))
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
    shutil.copytree(folder / "before", folder / "whole")
    steps = die(verb, folder / "whole", step=sys.maxsize)
    print(steps)
    for point in range(points):
        place = folder / str(point)
        shutil.copytree(folder / "before", place)
        assert die(verb, place, step=point * steps // points) == -1


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
