"""Provenance of a model, stored in the model's file: all that is needed to build it again."""

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
from training.storage.cache import source_bytes
from training.storage.git import git
from training.storage.paths import REPOSITORY
from training.synthesis import feature_shards, targets
from training.synthesis.recipe_digests import SCENES

KEY = "provenance"
"""Key in the ONNX file's metadata; the device does not read it."""
MEMBERS = "members"
"""Parameter of an ensemble: its models and the digests of their files."""
FIT = (targets, network, spec_augment, trainer)
"""Code that trains the network on its scenes."""
_RECIPE = (*SCENES, feature_shards, *FIT, onnx_export, operating_points)
_SOURCES = ("edge", "label_schema", "readings", "training", "params.yaml", "dvc.yaml")


@dataclass(frozen=True, slots=True)
class Count:
    """Number of clips of a split with one label by one labeler."""

    split: str
    label: str
    """Empty where no label is certain; the clip is not used."""
    labeller: str
    clips: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """The origin of a model: data, labels, code and parameters."""

    guideline: int
    guideline_digest: str
    data: str
    """Digest of every clip's bytes, group, kind and split."""
    store: str
    """Digest of the label store's rows; empty without a store."""
    labels: str
    """Digest of the annotations of the data folder's clips; empty without annotations."""
    consensus: str
    """Method of the consensus."""
    recipe: str
    """Digest of the code and the parameters that shape the network."""
    params: Mapping[str, Any]
    command: str
    commit: str
    """Commit of the code; empty outside a git checkout."""
    dirty: bool
    """Whether files differed from that commit."""
    counts: Sequence[Count]

    def as_metadata(self) -> dict[str, str]:
        """Return the metadata for the ONNX file."""
        return {KEY: json.dumps(asdict(self))}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> Self | None:
        """Read the metadata of an ONNX file; None for a model older than provenance."""
        if KEY not in metadata:
            return None
        raw = json.loads(metadata[KEY])
        return cls(**{**raw, "counts": [Count(**each) for each in raw["counts"]]})

    @property
    def members(self) -> Mapping[str, str]:
        """The ensemble's models and the digests of their files; empty for a trained model."""
        members: Mapping[str, str] = self.params.get(MEMBERS, {})
        return members

    @property
    def code(self) -> str:
        """The commit in words."""
        if not self.commit:
            return "unknown: it was no git checkout"
        return self.commit[:12] + (" dirty: with changes that are in no commit" if self.dirty else "")


def recipe_digest(params: Mapping[str, Any], *more: ModuleType) -> str:
    """Return the SHA-256 over the parameters and the sources, ``more`` among them, that shape the network."""
    return hashlib.sha256(source_bytes(_RECIPE + more) + json.dumps(params, sort_keys=True).encode()).hexdigest()


def fit_digest() -> str:
    """Return the SHA-256 over the sources that train the network on its scenes."""
    return hashlib.sha256(source_bytes(FIT)).hexdigest()


def labels_digest(clips: Sequence[Clip], contents: Mapping[str, str]) -> str:
    """Return the SHA-256 over the annotations by content, whatever the file names; empty without annotations."""
    rows = sorted(f"{contents[clip.file]},{clip.annotations}" for clip in clips if clip.annotations is not None)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest() if rows else ""


def checkout(repository: Path = REPOSITORY) -> tuple[str, bool]:
    """Return the commit that is checked out, empty without git, and whether sources differ from it."""
    try:
        commit = git(repository, "rev-parse", "HEAD")
        return commit, bool(git(repository, "status", "--porcelain", "--", *_SOURCES))
    except (OSError, subprocess.CalledProcessError):
        return "", False
