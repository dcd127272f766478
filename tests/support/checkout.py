"""A checkout of this repository as it stands, in git and DVC, for a workshop of its own."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from training.storage.paths import REPOSITORY

PARAMS = """
model: tiny
data: {data}
guideline: 2
seed: 1
steps: 2
emphasize: ""
labels: {{store: labels, given: "", method: majority, sure: 0.5, examples: 2}}
amounts: {{shards: 1, dev_shards: 1, dev_hours: 0.5, test_episodes: 1, row_s: 60}}
nights: {{hours: 0.5, seed: 21}}
"""


@dataclass(frozen=True, slots=True)
class Checkout:
    """Where it is."""

    folder: Path

    def run(self, *words: str | Path) -> str:
        """What a command there says; it must succeed."""
        programs = Path(sys.executable).parent
        home = self.folder.parent
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("HUSHD_", "GIT_"))}
        environment |= {"PATH": f"{programs}:{environment['PATH']}", "DVC_SITE_CACHE_DIR": str(home / "dvc-site")}
        done = subprocess.run(
            words, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=900
        )
        assert done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def training(self, *words: str | Path) -> str:
        """A verb of the workshop."""
        return self.run("python", "-m", "training", *words)

    def repro(self, *stages: str) -> list[str]:
        """``dvc repro``: the stages that ran."""
        return re.findall(r"^Running stage '(\w+)'", self.run("dvc", "repro", *stages), re.MULTILINE)

    def commit(self, why: str) -> None:
        """All that git does not ignore."""
        self.run("git", "add", "--all")
        self.run("git", "-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "--quiet", "-m", why)


def make(folder: Path, data: Path) -> Checkout:
    """The sources and the pipeline, with the least of everything as parameters."""
    for part in ("edge", "label_schema", "training", "labels", "readings", ".dvc"):
        shutil.copytree(REPOSITORY / part, folder / part, ignore=_ignored)
    for part in (".gitignore", ".dvcignore", "dvc.yaml"):
        shutil.copy(REPOSITORY / part, folder / part)
    (folder / "params.yaml").write_text(PARAMS.format(data=data))
    checkout = Checkout(folder)
    checkout.run("git", "init", "--quiet", "--initial-branch=main")
    checkout.commit("as it stands")
    return checkout


def _ignored(folder: str, names: Sequence[str]) -> set[str]:
    """What a clone has not: byte code, the label store, DVC's cache."""
    kept = {"labels": {".gitignore"}, ".dvc": {"config", ".gitignore"}}.get(Path(folder).name)
    if kept is not None and Path(folder).parent == REPOSITORY:
        return set(names) - kept
    return {"__pycache__"} & set(names)
