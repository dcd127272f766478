"""The audited clips: the label store with its consensus, or the training data with its weak labels."""

from dataclasses import dataclass
from pathlib import Path

from training.data.manifest import SPLITS
from training.data.workspace import Workspace
from training.labels.consensus import Method, reach_consensus
from training.labels.store import LabelStore
from training.labels.weak_labels import LABELLER
from training.synthesis.clip_labels import weak_label
from training.synthesis.feature_shards import open_library

BY_SOURCE = "source:catalog"
"""Labeler of clips that are not of infants; the label follows from the published kind of sound."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One clip of the store or the data folder."""

    name: str
    """Name for people: the file in the data folder, or the start of the digest."""
    path: Path
    source: str
    group: str
    """The infant, adult or recording; all clips of a group belong to one split."""
    split: str
    """Empty if the clips are not split."""
    label: str | None
    """None without a label."""
    labeller: str
    """The label's origin; empty without a label."""
    about: str = ""
    """Further attributes as text for people."""


def of_store(store: LabelStore, version: int) -> list[Recording]:
    """Return every clip of the store, with its majority label under this guideline version."""
    settled = {each.clip: each for each in reach_consensus(store.labels(version), version, Method.MAJORITY, sure=0.5)}
    found = []
    for clip in store.clips().values():
        consensus = settled.get(clip.clip)
        found.append(
            Recording(
                name=clip.clip[:12],
                path=store.path(clip),
                source=clip.source,
                group=clip.group,
                split=clip.attributes.get("split", ""),
                label=consensus.label if consensus else None,
                labeller=consensus.by if consensus else "",
                about=", ".join(f"{key} {value}" for key, value in clip.attributes.items() if key != "split"),
            )
        )
    return found


def of_data_folder(workspace: Workspace) -> list[Recording]:
    """Return every clip of the data folder except room impulse responses, with the weak label of training."""
    clips = [clip for clip in workspace.clips if clip.kind != "rir"]
    labels: dict[str, str | None] = {}
    for split in SPLITS:
        mine = [clip for clip in clips if clip.split == split]
        if any(clip.kind == "infant" for clip in mine):
            library = open_library(workspace, split)
            labels |= {clip.file: weak_label(clip, library) for clip in mine if clip.kind == "infant"}
    return [
        Recording(
            name=clip.file,
            path=workspace.audio_path(clip),
            source=clip.source,
            group=clip.group,
            split=clip.split,
            label=labels[clip.file] if clip.kind == "infant" else "none",
            labeller=LABELLER if clip.kind == "infant" else BY_SOURCE,
            about=f"{clip.kind}: {clip.source_label}",
        )
        for clip in clips
    ]
