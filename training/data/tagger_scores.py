"""Scores of two public AudioSet taggers on every clip, for weak labels and as soft targets of the network."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.records import SAMPLE_RATE, FloatArray
from training.data.manifest import Clip
from training.data.yamnet import HOP_SAMPLES, WINDOW_SAMPLES
from training.storage.paths import DataError

CRY_CLASSES = ("Baby cry, infant cry", "Crying, sobbing", "Whimper")
YAMNET_WINDOW_S, YAMNET_HOP_S = WINDOW_SAMPLES / SAMPLE_RATE, HOP_SAMPLES / SAMPLE_RATE
MN04_WINDOW_S = 2.0
CLEAN_SPEECH = 0.6
"""An infant clip with a higher YAMNet score of speech may hold an adult: it is not used as an unsoothed cry."""


@dataclass(frozen=True, slots=True)
class ClipTaggerScores:
    """Scores of one clip over time."""

    yamnet: FloatArray
    """float32 [windows, classes], probabilities of 0.975 s windows every 0.4875 s."""
    yamnet_centre_s: FloatArray
    """float32 [windows]: center of each window, seconds."""
    cry: FloatArray
    """float32 [moments]: the higher of both taggers' distress scores around ``cry_centre_s``."""
    cry_centre_s: FloatArray
    """float32 [moments], seconds."""


@dataclass(frozen=True, slots=True)
class TaggerScores:
    """Both taggers' scores of all clips."""

    classes: tuple[str, ...]
    """YAMNet's class names, in the order of ``ClipTaggerScores.yamnet``."""
    clips: Mapping[str, ClipTaggerScores]

    def yamnet_cry(self, file: str, until_s: float) -> float:
        """Return YAMNet's highest distress score in the first ``until_s`` seconds; 0 without a window there."""
        scores = self.clips[file]
        early = scores.yamnet[scores.yamnet_centre_s < until_s]
        return float(early[:, [self.classes.index(name) for name in CRY_CLASSES]].max(initial=0.0))

    def peak(self, file: str, name: str) -> float:
        """Return YAMNet's highest score of a class in a clip; 0 without a window."""
        return float(self.clips[file].yamnet[:, self.classes.index(name)].max(initial=0.0))


def load_tagger_scores(data: Path, needed: Iterable[Clip] = ()) -> TaggerScores:
    """Load ``teacher_scores.npz``; DataError where it is missing or lacks one of the ``needed`` clips."""
    path = data / "teacher_scores.npz"
    if not path.is_file():
        raise DataError(f"{path} not found: the data folder is incomplete")
    with np.load(path) as stored:
        table = {name: stored[name] for name in stored.files}
    classes = tuple(map(str, table["yamnet_classes"]))
    mn04_cry = [list(map(str, table["mn04_classes"])).index(name) for name in CRY_CLASSES]
    yamnet_cry = [classes.index(name) for name in CRY_CLASSES]
    clips = {}
    for number, file in enumerate(map(str, table["files"])):
        yamnet = table["yamnet_scores"][_rows(table["yamnet_file"], number)].astype(np.float32)
        yamnet_s = table["yamnet_start_s"][_rows(table["yamnet_file"], number)] + YAMNET_WINDOW_S / 2
        mn04 = table["mn04_scores"][_rows(table["mn04_file"], number)].astype(np.float32)[:, mn04_cry]
        mn04_s = table["mn04_start_s"][_rows(table["mn04_file"], number)] + MN04_WINDOW_S / 2
        cry = yamnet[:, yamnet_cry].max(axis=1)
        if len(mn04):
            cry = np.maximum(cry, np.interp(yamnet_s, mn04_s, mn04.max(axis=1)))
        clips[file] = ClipTaggerScores(yamnet, yamnet_s, cry.astype(np.float32), yamnet_s)
    missing = [clip.file for clip in needed if clip.file not in clips]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise DataError(f"{path} has no scores of {missing[0]}{more}: score them, or take them out of manifest.csv")
    return TaggerScores(classes, clips)


def _rows(sorted_file_numbers: np.ndarray[tuple[int], np.dtype[np.int32]], number: int) -> slice:
    first, last = np.searchsorted(sorted_file_numbers, [number, number + 1])
    return slice(int(first), int(last))
