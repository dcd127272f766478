"""Nights of real sound, strung together from recordings that no training has seen."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge.audio import recordings
from edge.records import SAMPLE_RATE, FloatArray
from tests.support.recordings import hiss
from training.data.manifest import Clip, read_manifest

CRY_DBFS = -22.0
ADULT_DBFS = -15.0
"""An adult bending over the cot is louder than the baby in it, at the microphone too."""
ROOM_DBFS = -65.0


class Clips:
    """The clips of the data folder's test split."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._clips = [clip for clip in read_manifest(data) if clip.split == "test"]
        with np.load(data / "teacher_scores.npz") as scores:
            self._number = {str(file): number for number, file in enumerate(scores["files"])}
            # classes 0 and 1 of both teachers: "Baby cry, infant cry", "Crying, sobbing"
            self._heard = {
                name: (scores[f"{name}_file"], scores[f"{name}_scores"][:, :2].max(axis=1).astype(np.float32))
                for name in ("yamnet", "mn04")
            }

    def crying_infant(self) -> FloatArray:
        """The clips of the infant that both teachers hear cry throughout, for longest; the clearest first."""
        by_infant: dict[str, list[Clip]] = defaultdict(list)
        for clip in self._clips:
            if clip.source == "donateacry" and self._cries_throughout(clip):
                by_infant[clip.group].append(clip)
        clips = max(by_infant.values(), key=lambda clips: sum(clip.duration_s for clip in clips))
        return self._strung(sorted(clips, key=lambda clip: -self._heard_in(clip, "yamnet").min()), pause_s=0)

    def adult_reading(self) -> FloatArray:
        """Adults reading aloud, one after the other with short pauses."""
        return self._strung((clip for clip in self._clips if clip.source == "librispeech"), pause_s=0.3)

    def _cries_throughout(self, clip: Clip) -> bool:
        yamnet, mn04 = self._heard_in(clip, "yamnet"), self._heard_in(clip, "mn04")
        # mn04 under-scores phone recordings, which stop at 4 kHz
        return bool((yamnet > 0.5).mean() > 0.9 and (mn04 > 0.2).mean() > 0.6)

    def _heard_in(self, clip: Clip, teacher: str) -> npt.NDArray[np.float32]:
        files, probabilities = self._heard[teacher]
        heard: npt.NDArray[np.float32] = probabilities[files == self._number[clip.file]]
        return heard

    def _strung(self, clips: Iterable[Clip], pause_s: float) -> FloatArray:
        pause = np.zeros(round(pause_s * SAMPLE_RATE), np.float32)
        pieces = []
        for clip in clips:
            pieces += [block.samples for block in recordings.read(self._data / "clips" / clip.file)] + [pause]
        return np.concatenate(pieces)


def cry_in_a_quiet_room(clips: Clips, quiet_s: float, cry_s: float, *, skip_s: float = 0.0) -> FloatArray:
    """A quiet room, in which a baby begins to cry, alone. ``skip_s`` is the place in its recordings: another cry."""
    cry = np.roll(clips.crying_infant(), -round(skip_s * SAMPLE_RATE))
    return np.concatenate([_room(quiet_s), _room(cry_s) + _lasting(cry, cry_s, CRY_DBFS)])


def soothed_from_the_start(clips: Clips, seconds: float) -> FloatArray:
    """A baby cries, and an adult is with it all the time, talking over it from near."""
    cry = _lasting(clips.crying_infant(), seconds, CRY_DBFS)
    return (_room(seconds) + cry + _lasting(clips.adult_reading(), seconds, ADULT_DBFS)).clip(-1, 1)


def _room(seconds: float) -> FloatArray:
    return hiss(seconds, 10 ** (ROOM_DBFS / 20))


def _lasting(sound: FloatArray, seconds: float, dbfs: float) -> FloatArray:
    """The sound, repeated to this length, at this level."""
    lasting: FloatArray = np.resize(sound, round(seconds * SAMPLE_RATE))
    return lasting * np.float32(10 ** (dbfs / 20) / np.sqrt(np.mean(np.square(lasting))))
