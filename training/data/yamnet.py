"""YAMNet, a public AudioSet tagger: scores of windows of 0.975 s every 0.4875 s.

It scores new clips of the data folder, and it is the baseline of the night evaluation.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from edge.records import FloatArray
from training.storage.paths import DataError

WINDOW_SAMPLES, HOP_SAMPLES = 15_600, 7_800
CRY_CLASS = "Baby cry, infant cry"


class YamnetStream:
    """YAMNet on a stream, or on one recording after another; DataError where its model file is missing."""

    def __init__(self, model: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - only the baseline needs it

        if not model.is_file():
            raise DataError(f"YAMNet not found at {model}: name yamnet.tflite with --yamnet")
        self._interpreter = Interpreter(str(model), num_threads=1)
        self._interpreter.allocate_tensors()
        self._source = self._interpreter.get_input_details()[0]["index"]
        self._result = self._interpreter.get_output_details()[0]["index"]
        self.classes = _classes(model.with_name("yamnet_class_map.csv"))
        self._cry = self.classes.index(CRY_CLASS)
        self._pending = np.zeros(0, np.float32)

    def push(self, samples: FloatArray) -> list[float]:
        """Return the cry scores of the windows that this piece completes."""
        return [float(scores[self._cry]) for scores in self._complete(samples)]

    def score(self, samples: FloatArray) -> list[FloatArray]:
        """Return the scores [classes] of each whole window of a recording."""
        self._pending = np.zeros(0, np.float32)
        return list(self._complete(samples))

    def _complete(self, samples: FloatArray) -> Iterator[FloatArray]:
        self._pending = np.concatenate([self._pending, samples])
        while len(self._pending) >= WINDOW_SAMPLES:
            self._interpreter.set_tensor(self._source, self._pending[:WINDOW_SAMPLES])
            self._interpreter.invoke()
            yield self._interpreter.get_tensor(self._result)[0]
            self._pending = self._pending[HOP_SAMPLES:]


def _classes(class_map: Path) -> list[str]:
    if not class_map.is_file():
        raise DataError(f"{class_map} not found: it must lie beside yamnet.tflite")
    with class_map.open(newline="", encoding="utf-8") as file:
        return [row["display_name"] for row in csv.DictReader(file)]
