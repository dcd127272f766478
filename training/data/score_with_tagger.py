"""YAMNet's scores of clips that are new to the data folder, beside those that were there.

Of the two teachers, hushd can run only YAMNet: what it alone hears of distress then counts (``teachers``).
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol
from zipfile import BadZipFile

import numpy as np
from tqdm import tqdm

from edge.errors import AudioError
from edge.records import FloatArray
from training.data.audio_files import decode_partial
from training.data.tagger_scores import YAMNET_HOP_S
from training.data.yamnet import WINDOW_SAMPLES
from training.storage.atomic import write_whole
from training.storage.paths import DataError

_NEEDED = {"files", "yamnet_classes", "yamnet_file", "yamnet_start_s", "yamnet_scores"}


class Tagger(Protocol):
    """What ``nights.yamnet.YamnetStream`` is."""

    @property
    def classes(self) -> Sequence[str]:
        """AudioSet's names, in the order of the scores."""

    def score(self, samples: FloatArray) -> Sequence[FloatArray]:
        """Scores [classes] of every whole window of a recording."""


def add_scores(data: Path, files: Sequence[str], ears: Tagger) -> None:
    """Into ``teacher_scores.npz``, in one step; what it has scores of already is not heard again."""
    path = data / "teacher_scores.npz"
    try:
        with np.load(path) as stored:
            table = {name: stored[name] for name in stored.files}
    except (OSError, EOFError, ValueError, BadZipFile) as error:
        raise DataError(f"{path} cannot be read: the data folder is incomplete ({error})") from error
    if lacking := _NEEDED - table.keys():
        raise DataError(f"{path} has no {', '.join(sorted(lacking))}: the data folder is incomplete")
    there = list(map(str, table["files"]))
    new = [file for file in files if file not in set(there)]
    known = {name: column for column, name in enumerate(ears.classes)}
    if unknown := [name for name in map(str, table["yamnet_classes"]) if name not in known]:
        raise DataError(f"{path} has scores of {unknown[0]}, which this YAMNet does not know: take the one they are of")
    columns = [known[name] for name in map(str, table["yamnet_classes"])]
    heard = [_heard(data / "clips" / file, ears)[:, columns] for file in tqdm(new, "hear clips", unit="clip")]
    lengths = [len(rows) for rows in heard]
    starts = [np.arange(length) * YAMNET_HOP_S for length in lengths]
    more = {
        "files": np.array(new, str),
        "yamnet_file": np.repeat(np.arange(len(there), len(there) + len(new)), lengths),
        "yamnet_start_s": np.concatenate([np.zeros(0), *starts]),
        "yamnet_scores": np.concatenate([np.zeros((0, len(columns))), *heard]),
    }
    for name, rows in more.items():
        before = table[name]
        table[name] = np.concatenate([before, rows.astype(before.dtype if name != "files" else str)])
    if new:
        out = io.BytesIO()
        np.savez_compressed(out, **table)
        write_whole(path, out.getvalue())


def _heard(path: Path, ears: Tagger) -> FloatArray:
    """float32 [windows, classes]; a clip shorter than a window is heard in silence."""
    samples, damage = decode_partial(path)  # what is good of it is in scenes, too
    if not len(samples):
        raise AudioError(f"{path}: {damage or 'holds no sound'}")
    return np.stack(ears.score(np.pad(samples, (0, max(0, WINDOW_SAMPLES - len(samples))))))
