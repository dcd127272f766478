"""The cast list of a model: what each clip was taken for, by whom, and what it served as."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from training.data.manifest import Clip
from training.pipeline.provenance import Count
from training.storage.atomic import write_table
from training.synthesis.clip_labels import clip_label
from training.synthesis.clip_library import ClipLibrary


@dataclass(frozen=True, slots=True)
class ClipUsage:
    """One clip."""

    file: str
    sha256: str
    split: str
    source: str
    group: str
    label: str
    """Empty: nobody can say."""
    labeller: str
    role: str


def clip_usage(library: ClipLibrary, clips: Sequence[Clip], contents: Mapping[str, str]) -> list[ClipUsage]:
    """The clips of the library's split."""
    return [
        ClipUsage(clip.file, contents[clip.file], clip.split, clip.source, clip.group, label or "", labeller, role)
        for clip in clips
        for (label, labeller), role in [(clip_label(clip, library), _role(clip, library))]
    ]


def write(path: Path, roles: Sequence[ClipUsage]) -> None:
    """As a table."""
    write_table(path, [field.name for field in fields(ClipUsage)], map(astuple, roles))


def read(path: Path) -> list[ClipUsage]:
    """As ``write`` wrote it."""
    with path.open(newline="", encoding="utf-8") as file:
        return [ClipUsage(**row) for row in csv.DictReader(file)]


def counts(roles: Sequence[ClipUsage]) -> list[Count]:
    """Clips by split, label and labeller."""
    counted = Counter((role.split, role.label, role.labeller) for role in roles)
    return [Count(*what, number) for what, number in sorted(counted.items())]


def _role(clip: Clip, library: ClipLibrary) -> str:
    roles = [
        name
        for name, pool in (
            ("crier", library.criers),
            ("steady crier", library.steady_criers),
            ("fusser", library.fussers),
        )
        if clip in pool.get(clip.group, [])
    ]
    roles += [f"sound: {kind}" for kind, clips in library.by_kind.items() if clip in clips]
    if clip.annotations and clip.annotations.has_agreed_label() and clip.split == "train":
        roles.append("labeled example")
    return ", ".join(roles) or "not used"
