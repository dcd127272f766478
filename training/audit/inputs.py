"""What is audited: the label store with its consensus, or the training data with its weak labels."""

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
"""Who labeled what is no infant: whoever published it as something else."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One clip, wherever it is kept."""

    name: str
    """What people call it: its file in the data folder, or the beginning of its digest."""
    path: Path
    source: str
    group: str
    """The infant, speaker or recording: clips of one group never stand in two splits."""
    split: str
    """Empty where nobody has split."""
    label: str | None
    """None: nobody can say."""
    labeller: str
    """Who said so; empty where nobody did."""
    about: str = ""
    """What else is known, for people."""


def of_store(store: LabelStore, version: int) -> list[Recording]:
    """Every clip of the store, with the majority's label under this guideline version."""
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


def of_catalog(workspace: Workspace) -> list[Recording]:
    """Every clip of the training data but room responses, with the weak label that training and figures use."""
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
