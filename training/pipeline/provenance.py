"""Where a model comes from, written into the model itself: enough to build it again."""

import hashlib
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Self

from training.data.manifest import Clip
from training.model import network, onnx_export, operating_points, spec_augment, trainer
from training.storage.paths import REPOSITORY
from training.synthesis import feature_shards, targets
from training.synthesis.recipes import SCENES

KEY = "provenance"
"""Among the ONNX file's metadata; the device does not read it."""
MEMBERS = "members"
"""Among the parameters of a mean: the models it is the mean of, and the digests of their files."""
FIT = (targets, network, spec_augment, trainer)
"""The code that fits a net to its scenes."""
_RECIPE = (*SCENES, feature_shards, *FIT, onnx_export, operating_points)
_SOURCES = ("edge", "label_schema", "readings", "training", "params.yaml", "dvc.yaml")


@dataclass(frozen=True, slots=True)
class Count:
    """So many clips of a split have this label from this labeller."""

    split: str
    label: str
    """Empty: nobody can say, so the clip is not used."""
    labeller: str
    clips: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """The way from labels to a model."""

    guideline: int
    guideline_digest: str
    data: str
    """Digest of every clip's bytes, group, kind and split."""
    store: str
    """Digest of the label store's rows; empty: there was none."""
    labels: str
    """Digest of what people call the clips of the data folder; empty: nobody was asked."""
    consensus: str
    """How votes became labels."""
    recipe: str
    """Digest of the code and the parameters that shape the net."""
    params: Mapping[str, Any]
    command: str
    commit: str
    """Of the code; empty where it was no checkout."""
    dirty: bool
    """Whether its files differed from that commit."""
    counts: Sequence[Count]

    def as_metadata(self) -> dict[str, str]:
        """For the ONNX file."""
        return {KEY: json.dumps(asdict(self))}

    @classmethod
    def from_metadata(cls, said: Mapping[str, str]) -> Self | None:
        """None for a model that was made before models said it."""
        if KEY not in said:
            return None
        raw = json.loads(said[KEY])
        return cls(**{**raw, "counts": [Count(**each) for each in raw["counts"]]})

    @property
    def members(self) -> Mapping[str, str]:
        """The models it is the mean of, and the digests of their files; empty for one that was trained."""
        members: Mapping[str, str] = self.params.get(MEMBERS, {})
        return members

    @property
    def code(self) -> str:
        """The commit, as people say it."""
        if not self.commit:
            return "unknown: it was no git checkout"
        return self.commit[:12] + (" dirty: with changes that are in no commit" if self.dirty else "")


def recipe_digest(params: Mapping[str, Any], *more: ModuleType) -> str:
    """SHA-256 over the sources, ``more`` among them, and parameters that shape the net."""
    return hashlib.sha256(_sources(_RECIPE + more) + json.dumps(params, sort_keys=True).encode()).hexdigest()


def fit_digest() -> str:
    """SHA-256 over the sources that fit a net to its scenes."""
    return hashlib.sha256(_sources(FIT)).hexdigest()


def _sources(modules: Sequence[ModuleType]) -> bytes:
    return b"".join(Path(str(module.__file__)).read_bytes() for module in modules)


def labels_digest(clips: Sequence[Clip], contents: Mapping[str, str]) -> str:
    """SHA-256 over what people call which audio, however the files are named; empty where nobody was asked."""
    said = sorted(f"{contents[clip.file]},{clip.annotations}" for clip in clips if clip.annotations is not None)
    return hashlib.sha256("\n".join(said).encode()).hexdigest() if said else ""


def checkout(repository: Path = REPOSITORY) -> tuple[str, bool]:
    """The commit that is checked out, and whether its sources were changed since; an empty commit without git."""
    try:
        commit = _git(repository, "rev-parse", "HEAD")
        return commit, bool(_git(repository, "status", "--porcelain", "--", *_SOURCES))
    except (OSError, subprocess.CalledProcessError):
        return "", False


def _git(repository: Path, *words: str) -> str:
    told = subprocess.run(["git", *words], cwd=repository, capture_output=True, text=True, check=True)
    return told.stdout.strip()
