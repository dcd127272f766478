"""Scores clips that are new to the data folder with YAMNet.

Of the two taggers, hushd can run only YAMNet. New clips therefore have only its distress scores.
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
    """The interface of ``training.data.yamnet.YamnetStream``."""

    @property
    def classes(self) -> Sequence[str]:
        """AudioSet's class names, in the order of the scores."""

    def score(self, samples: FloatArray) -> Sequence[FloatArray]:
        """Score every whole window of a recording, each float32 [classes]."""


def add_scores(data: Path, files: Sequence[str], tagger: Tagger) -> None:
    """Add the files' scores to ``teacher_scores.npz`` in one write; files that have scores are skipped.

    DataError where the table is missing or of other classes, AudioError for a clip without audio.
    """
    path = data / "teacher_scores.npz"
    try:
        with np.load(path) as stored:
            table = {name: stored[name] for name in stored.files}
    except (OSError, EOFError, ValueError, BadZipFile) as error:
        raise DataError(f"{path} cannot be read: the data folder is incomplete ({error})") from error
    if lacking := _NEEDED - table.keys():
        raise DataError(f"{path} has no {', '.join(sorted(lacking))}: the data folder is incomplete")
    scored = list(map(str, table["files"]))
    new = [file for file in files if file not in set(scored)]
    known = {name: column for column, name in enumerate(tagger.classes)}
    if unknown := [name for name in map(str, table["yamnet_classes"]) if name not in known]:
        raise DataError(
            f"{path} has scores of the class {unknown[0]!r}, which this YAMNet does not have:"
            " use the YAMNet that made the file"
        )
    columns = [known[name] for name in map(str, table["yamnet_classes"])]
    scores = [_score(data / "clips" / file, tagger)[:, columns] for file in tqdm(new, "score clips", unit="clip")]
    lengths = [len(rows) for rows in scores]
    starts = [np.arange(length) * YAMNET_HOP_S for length in lengths]
    more = {
        "files": np.array(new, str),
        "yamnet_file": np.repeat(np.arange(len(scored), len(scored) + len(new)), lengths),
        "yamnet_start_s": np.concatenate([np.zeros(0), *starts]),
        "yamnet_scores": np.concatenate([np.zeros((0, len(columns))), *scores]),
    }
    for name, rows in more.items():
        before = table[name]
        table[name] = np.concatenate([before, rows.astype(before.dtype if name != "files" else str)])
    if new:
        out = io.BytesIO()
        np.savez_compressed(out, **table)
        write_whole(path, out.getvalue())


def _score(path: Path, tagger: Tagger) -> FloatArray:
    """Score a file, float32 [windows, classes]; a clip shorter than a window is padded with silence."""
    samples, damage = decode_partial(path)  # scenes also use the audio before the damage
    if not len(samples):
        raise AudioError(f"{path}: {damage or 'holds no sound'}")
    return np.stack(tagger.score(np.pad(samples, (0, max(0, WINDOW_SAMPLES - len(samples))))))
