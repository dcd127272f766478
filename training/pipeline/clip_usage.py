"""Usage of the clips in a model: label, labeler and role of each clip."""

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
    """One clip's label and role."""

    file: str
    sha256: str
    split: str
    source: str
    group: str
    label: str
    """Empty where no label is certain."""
    labeller: str
    role: str


def clip_usage(library: ClipLibrary, clips: Sequence[Clip], contents: Mapping[str, str]) -> list[ClipUsage]:
    """Return the usage of the library's clips."""
    return [
        ClipUsage(clip.file, contents[clip.file], clip.split, clip.source, clip.group, label or "", labeller, role)
        for clip in clips
        for (label, labeller), role in [(clip_label(clip, library), _role(clip, library))]
    ]


def write(path: Path, roles: Sequence[ClipUsage]) -> None:
    """Write the usage as a CSV table."""
    write_table(path, [field.name for field in fields(ClipUsage)], map(astuple, roles))


def read(path: Path) -> list[ClipUsage]:
    """Read the table of :func:`write`."""
    with path.open(newline="", encoding="utf-8") as file:
        return [ClipUsage(**row) for row in csv.DictReader(file)]


def counts(roles: Sequence[ClipUsage]) -> list[Count]:
    """Count the clips by split, label and labeler."""
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
