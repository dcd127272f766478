"""Where a verb works on its own: the data folder's clips with what people call them, as in training.

So a model is judged by people's word wherever there is one, whether `train`, `dvc repro` or a verb alone judges it.
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
    """The clips of the data folder (default: where it is looked for), and what people call them: by the ``given``
    consensus, else as ``labels`` say.
    """
    workspace = read_workspace(find_data(data), work, jobs)
    if given or labels.given or (Path(labels.store) / DATABASE).is_file():
        guideline, made = label_schema.load(), work / "judge"
        if given:  # two may be judged by at the same time
            made = work / f"judge-{hashlib.sha256(str(given.absolute()).encode()).hexdigest()[:12]}"
        training_labels.freeze_labels(labels, guideline, made, given)
        if said := training_labels.read_consensus(made / training_labels.TABLE, guideline):
            contents = checksums.compute(workspace)
            return replace(workspace, clips=training_labels.attach_annotations(workspace.clips, contents, said))
    return workspace


def count_labeled_by(whom: str, workspace: Workspace, split: str) -> int:
    """How many clips of a split ``said.PEOPLE`` listened to, or ``said.PROGRAMS`` labeled in their stead."""
    return sum(
        clip.annotations is not None and clip.annotations.by == whom for clip in workspace.clips if clip.split == split
    )


def describe_label_sources(workspace: Workspace, split: str) -> str:
    """What a split's labels are worth, in a sentence."""
    count, read = (count_labeled_by(whom, workspace, split) for whom in (PEOPLE, PROGRAMS))
    if not count and not read:
        return "Labels of infants' clips are weak: nobody listened to them."
    mine = sum(clip.split == split for clip in workspace.clips)
    who = [f"people listened to {count}"] if count else []
    who += [f"programs labeled {read}, nobody listened to them"] if read else []
    return (
        f"Of the {mine} clips of the {split} split, {'; '.join(who)}; their word counts. Labels of other infants' clips"
        " are weak."
    )
