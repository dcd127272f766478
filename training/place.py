"""Where a verb works on its own: the data folder's clips with what people call them, as in training.

So a model is judged by people's word wherever there is one, whether `train`, `dvc repro` or a verb alone judges it.
"""

from pathlib import Path

import label_schema
from training import inventory, labeled, settled
from training.catalog import find_data, read_catalog
from training.labels.store import DATABASE
from training.params import LabelParams, read_params
from training.streams import Workplace


def open_place(
    data: Path | None, work: Path, jobs: int, labels: LabelParams | None = None, given: Path | None = None
) -> Workplace:
    """The clips of the data folder (default: where it is looked for), and what people call them: by the ``given``
    consensus, else by the label store's (default: ``params.yaml``'s store).
    """
    folder = find_data(data)
    clips = read_catalog(folder)
    labels = labels or read_params().labels
    if given or (Path(labels.store) / DATABASE).is_file():
        guideline, made = label_schema.load(), work / ("judge" if given is None else "judge-given")
        settled.settle_store(labels, guideline, made, given)
        if said := labeled.read_consensus(made / settled.TABLE, guideline):
            clips = labeled.attach(clips, inventory.take(folder, clips, work), said)
    return Workplace(folder, clips, work, jobs)


def heard(place: Workplace, split: str) -> int:
    """How many clips of a split people listened to."""
    return sum(clip.said is not None for clip in place.clips if clip.split == split)


def whose_word(place: Workplace, split: str) -> str:
    """What a split's labels are worth, in a sentence."""
    if not (count := heard(place, split)):
        return "Labels of infants' clips are weak: nobody listened to them."
    mine = sum(clip.split == split for clip in place.clips)
    return (
        f"People listened to {count} of the {mine} clips of the {split} split, and their word counts; labels of other"
        " infants' clips are weak."
    )
