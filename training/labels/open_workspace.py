"""Where a verb works on its own: the data folder's clips with what people call them, as in training.

So a model is judged by people's word wherever there is one, whether `train`, `dvc repro` or a verb alone judges it.
"""

import hashlib
from pathlib import Path

import label_schema
from training.data import checksums
from training.data.annotations import PEOPLE, PROGRAMS
from training.data.manifest import read_manifest
from training.data.workspace import Workplace
from training.labels import training_labels
from training.labels.settings import LabelParams
from training.labels.store import DATABASE
from training.storage.paths import find_data


def open_workspace(
    data: Path | None, work: Path, jobs: int, labels: LabelParams, given: Path | None = None
) -> Workplace:
    """The clips of the data folder (default: where it is looked for), and what people call them: by the ``given``
    consensus, else as ``labels`` say.
    """
    folder = find_data(data)
    clips = read_manifest(folder)
    if given or labels.given or (Path(labels.store) / DATABASE).is_file():
        guideline, made = label_schema.load(), work / "judge"
        if given:  # two may be judged by at the same time
            made = work / f"judge-{hashlib.sha256(str(given.absolute()).encode()).hexdigest()[:12]}"
        training_labels.freeze_labels(labels, guideline, made, given)
        if said := training_labels.read_consensus(made / training_labels.TABLE, guideline):
            clips = training_labels.attach_annotations(clips, checksums.compute(folder, clips, work), said)
    return Workplace(folder, clips, work, jobs)


def count_labeled_by(whom: str, place: Workplace, split: str) -> int:
    """How many clips of a split ``said.PEOPLE`` listened to, or ``said.PROGRAMS`` labeled in their stead."""
    return sum(
        clip.annotations is not None and clip.annotations.by == whom for clip in place.clips if clip.split == split
    )


def describe_label_sources(place: Workplace, split: str) -> str:
    """What a split's labels are worth, in a sentence."""
    count, read = (count_labeled_by(whom, place, split) for whom in (PEOPLE, PROGRAMS))
    if not count and not read:
        return "Labels of infants' clips are weak: nobody listened to them."
    mine = sum(clip.split == split for clip in place.clips)
    who = [f"people listened to {count}"] if count else []
    who += [f"programs labeled {read}, nobody listened to them"] if read else []
    return (
        f"Of the {mine} clips of the {split} split, {'; '.join(who)}; their word counts. Labels of other infants' clips"
        " are weak."
    )
