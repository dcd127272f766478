"""Kill -9 during ``label-studio push`` or ``pull``: the store opens, no label is lost, a second run completes it."""

from contextlib import suppress
from pathlib import Path
from subprocess import TimeoutExpired

import pytest

from tests.support.killed import killed_at_exit
from tests.support.label_studio_exports import GUIDELINE, answered, furnished, pilot
from training.labels import validation
from training.labels.label_studio.batches import read_plans
from training.labels.store import LabelStore

pytestmark = pytest.mark.real

PUSH = """
import sys
from training.cli.main import parse_arguments
arguments = parse_arguments(["label-studio", "push", *sys.argv[1:]])
print("ready", flush=True)
arguments.run(arguments)
print("accepted", flush=True)
"""
PULL = PUSH.replace("push", "pull")


@pytest.mark.parametrize("files", [0, 1, 3, 9])
def test_a_batch_is_planned_once(tmp_path: Path, files: int) -> None:
    """The command is killed when it has written this many files: segments, plans, audio, configuration."""
    furnished(tmp_path, each=1, seconds=6.0).__exit__()
    words = ["pilot", "--labeller", "anna", "--labeller", "bo", "--store", str(tmp_path / "store")]
    words += ["--media", str(tmp_path / "media"), "--out", str(tmp_path / "out")]
    before = len(list(tmp_path.rglob("*")))
    with killed_at_exit(PUSH, *map(Path, words)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        while process.poll() is None and len(list(tmp_path.rglob("*"))) - before < files:
            with suppress(TimeoutExpired):
                process.wait(0.001)
        process.kill()
        process.stdout.read()
    with LabelStore(tmp_path / "store") as store:
        assert store.damage() == []
        kept = read_plans(store.folder)
        anna, bo = pilot(store, "anna", "bo")
        assert all(plan in (anna, bo) for plan in kept)
        assert {task.clip for task in anna.tasks} == {task.clip for task in bo.tasks}
        assert list(validation.problems(store, deep=True)) == []


@pytest.mark.parametrize(
    "delay_s", [0.002, *(pytest.param(delay_s, marks=pytest.mark.nightly) for delay_s in (0.0, 0.01, 0.05))]
)
def test_a_killed_pull_is_complete_or_can_be_repeated(tmp_path: Path, delay_s: float) -> None:
    with furnished(tmp_path, each=5) as store:
        (anna,) = pilot(store, "anna")
        answers = dict.fromkeys(store.clips(), "none")
        (tmp_path / "export.json").write_bytes(answered(anna, answers))
    words = [str(tmp_path / "export.json"), "--store", str(tmp_path / "store")]
    with killed_at_exit(PULL, *map(Path, words)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with suppress(TimeoutExpired):
            process.wait(delay_s)
        process.kill()
        accepted = "accepted" in process.stdout.read()
    with LabelStore(tmp_path / "store") as store:
        assert store.damage() == []
        kept = [label for label in store.labels(GUIDELINE.version) if label.labeller == "anna"]
        assert len(kept) == len(anna.tasks) if accepted else len(kept) in (0, len(anna.tasks))
    with killed_at_exit(PULL, *map(Path, words)) as process:
        assert process.stdout is not None
        assert f"{len(anna.tasks) - len(kept)} new labels, {len(kept)} known already" in process.stdout.read()
