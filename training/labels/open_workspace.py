"""The workspace of a command: the data folder's clips with the labels that training uses.

A model is evaluated by people's labels where they exist, in ``train``, in ``dvc repro`` and in a command alone.
"""

import hashlib
from dataclasses import replace
from pathlib import Path

import label_schema
from training.data import checksums
from training.data.annotations import PEOPLE, PROGRAMS
from training.data.workspace import Workspace, read_workspace
from training.labels import training_labels
from training.labels.settings import LabelSettings
from training.labels.store import DATABASE
from training.storage.paths import find_data


def open_workspace(
    data: Path | None, work: Path, jobs: int, labels: LabelSettings, given: Path | None = None
) -> Workspace:
    """Open the workspace of the data folder, and apply the labels of people and programs to its clips.

    The labels are those of the ``given`` consensus table, otherwise those that ``labels`` name. Raise DataError for an
    invalid data folder and LabelError for an invalid table.
    """
    workspace = read_workspace(find_data(data), work, jobs)
    if given or labels.given or (Path(labels.store) / DATABASE).is_file():
        guideline, made = label_schema.load(), work / "judge"
        if given:  # two commands may use two tables at the same time
            made = work / f"judge-{hashlib.sha256(str(given.absolute()).encode()).hexdigest()[:12]}"
        training_labels.freeze_labels(labels, guideline, made, given)
        if annotations := training_labels.read_consensus(made / training_labels.TABLE, guideline):
            contents = checksums.compute(workspace)
            return replace(workspace, clips=training_labels.attach_annotations(workspace.clips, contents, annotations))
    return workspace


def count_labeled_by(source: str, workspace: Workspace, split: str) -> int:
    """Return the number of a split's clips whose labels are from ``PEOPLE`` or from ``PROGRAMS``."""
    return sum(
        clip.annotations is not None and clip.annotations.by == source
        for clip in workspace.clips
        if clip.split == split
    )


def describe_label_sources(workspace: Workspace, split: str) -> str:
    """Describe the origin of a split's labels in one or two sentences."""
    count, read = (count_labeled_by(source, workspace, split) for source in (PEOPLE, PROGRAMS))
    if not count and not read:
        return "Labels of infants' clips are weak: no person listened to them."
    mine = sum(clip.split == split for clip in workspace.clips)
    who = [f"people listened to {count}"] if count else []
    who += [f"programs labeled {read}, no person listened to them"] if read else []
    return (
        f"Of the {mine} clips of the {split} split, {'; '.join(who)}; these labels count."
        " Labels of other infants' clips are weak."
    )
