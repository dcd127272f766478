"""Kill -9 at any time: the store opens, accepted labels are in it, and another import completes it."""

import random
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.killed import killed_at_exit
from tests.support.small_store import sound
from training.labels import importers, validation
from training.labels.run_import import ImportSettings, import_all
from training.labels.store import LabelStore

pytestmark = pytest.mark.real

BATCH = 3
CLIPS = 12

# Adds batches of labels without end, and prints the number of accepted labels after each.
APPEND = """
import sys
from pathlib import Path
from training.labels.store import LabelStore
from tests.support.small_store import clip, label
with LabelStore(Path(sys.argv[1]), create=True) as store:
    store.add([clip(0)], [])
    start = max((each.round for each in store.labels()), default=0)
    for first in range(start + 1, 1_000_000, 3):
        store.add([], [label(clip(0), "anna", "crying", round_=first + each) for each in range(3)])
        print(first + 2, flush=True)
"""

IMPORT = """
import sys
from pathlib import Path
from training.labels import importers
from training.labels.run_import import ImportSettings, import_all
from training.labels.store import LabelStore
found = importers.folder(Path(sys.argv[2]))
with LabelStore(Path(sys.argv[1]), create=True) as store:
    print("ready", flush=True)
    import_all(store, found, ImportSettings())
    print("accepted", flush=True)
"""


@pytest.mark.parametrize("seed", range(3))
def test_no_accepted_label_is_lost(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    for start in (0, 1):
        with killed_at_exit(APPEND, tmp_path) as process:
            assert process.stdout is not None
            accepted = [process.stdout.readline() for _ in range(rng.randint(1, 12))]
            with suppress(subprocess.TimeoutExpired):
                process.wait(rng.uniform(0, 0.02))  # the program continues, and dies anywhere in the next batch
            process.kill()
            accepted += process.stdout.readlines()
        with LabelStore(tmp_path) as store:
            assert store.damage() == []
            rounds = [each.round for each in store.labels()]
        assert rounds == list(range(1, len(rounds) + 1))
        assert len(rounds) % BATCH == 0  # a batch is complete or absent
        assert len(rounds) - int(accepted[-1]) in (0, BATCH)  # the last batch may be committed and not yet printed
        assert start == 0 or len(rounds) > BATCH


@pytest.mark.parametrize("files", [0, 1, 7, CLIPS])
def test_a_killed_import_is_complete_or_can_be_repeated(tmp_path: Path, files: int) -> None:
    """The import is killed when the store has this many files."""
    for seed in range(CLIPS):
        sound(tmp_path / "clips" / "none" / f"{seed}.wav", seed, seconds=0.05)
    with killed_at_exit(IMPORT, tmp_path / "store", tmp_path / "clips") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        while process.poll() is None and len(list((tmp_path / "store" / "clips").rglob("*.wav"))) < files:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.001)
        process.kill()
        accepted = "accepted" in process.stdout.read()
    with LabelStore(tmp_path / "store") as store:
        kept = len(store.labels())
        assert kept == CLIPS if accepted else kept in (0, CLIPS)
        assert len(store.clips()) == kept
        added = import_all(store, importers.folder(tmp_path / "clips"), ImportSettings())
        assert added.labels + added.known == CLIPS
        assert list(validation.problems(store, deep=True)) == []
