"""Streaming classifier: scores of the last 5 seconds at each hop, with every frame encoded once.

One ONNX graph has two parts. The encoder turns every 16 frames (0.25 s) into one embedding. It uses no padding in time,
so an embedding does not depend on the hop, and is kept. The head, a hundredth of the cost, classifies the last 20
embeddings, which are the 5-second window.

    frames [1, context + 16 n, mels], past [1, 20, width]  ->  probabilities [1, labels], recent [1, 20, width]

While the whole window is quiet, the network does not run. When sound returns, the encoder runs once over the frames
kept from the quiet.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import onnxruntime

from edge.detection import features
from edge.detection.decision_settings import Thresholds
from edge.errors import ModelError
from edge.records import SAMPLE_RATE, WINDOW_SAMPLES, FloatArray, LogMel, Scores
from label_schema import Guideline

STEP_FRAMES = 16
"""Frames that one embedding covers."""
CONTEXT_FRAMES = 15
"""Earlier frames that an embedding also depends on."""
WINDOW_FRAMES = WINDOW_SAMPLES // features.FRAME_STEP_SAMPLES
WINDOW_STEPS = WINDOW_FRAMES // STEP_FRAMES

QUIET_LOG_MEL = -12.0
"""A window is quiet if no band of any frame exceeds this log-mel value: white noise at about -70 dBFS, a tone at
-73 dBFS. A cry at that level is below the self-noise of the microphones in use."""


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """The thresholds of one sensitivity, and its measured cost."""

    cry_threshold: float
    """As ``Thresholds.cry``."""
    soothing_threshold: float
    """As ``Thresholds.soothing``."""
    false_alerts_per_night: float
    """Mean over 8-hour nights made of clips that the model was not trained on."""
    missed_per_100: float
    """Crying episodes of 30 s or more without an alert, of 100."""

    @property
    def thresholds(self) -> Thresholds:
        """The thresholds that the decision uses."""
        return Thresholds(self.cry_threshold, self.soothing_threshold)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The metadata in a model's ONNX file."""

    model_id: str
    schema_version: int
    schema_digest: str
    labels: tuple[str, ...]
    feature_fingerprint: str
    operating_points: Mapping[str, OperatingPoint]
    training_data: str
    """Digest of the manifest and the labels of the training data."""
    licence: str

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> Self:
        """Return the card; raise KeyError, ValueError, TypeError or AttributeError for metadata of another origin."""
        raw: dict[str, Any] = json.loads(metadata["hushd"])
        points = {name: OperatingPoint(**point) for name, point in raw.pop("operating_points").items()}
        return cls(**{**raw, "labels": tuple(raw["labels"]), "operating_points": points})


class Classifier:
    """A model, and the frames and embeddings of the last 5 seconds."""

    def __init__(self, session: onnxruntime.InferenceSession, card: ModelCard) -> None:
        self.card = card
        self._session = session
        self._width = session.get_inputs()[1].shape[2]
        self._end_sample = 0
        self._frames: FloatArray
        self._recent: FloatArray
        self._seen_frames: int
        self._unencoded_frames: int
        self._reset()

    @classmethod
    def load(cls, path: Path, guideline: Guideline) -> Self:
        """Return the classifier in a model file; raise ModelError where it does not fit guideline or front end."""
        if not path.is_file():
            raise ModelError(f"model {path} not found: name an existing .onnx file with --model or `model:`")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.enable_cpu_mem_arena = False
        try:
            session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own exceptions share no base but Exception
            raise ModelError(
                f"model {path} is not a readable ONNX file: copy it again ({_first_line(error)})"
            ) from error
        try:
            card = ModelCard.from_metadata(session.get_modelmeta().custom_metadata_map)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise ModelError(f"model {path} has no hushd metadata: use a model made by hushd's training") from error
        _require_match(path, card, guideline)
        return cls(session, card)

    def push(self, log_mel: LogMel) -> Scores | None:
        """Return the scores of the window that ends with this hop; None before the first complete window."""
        frames = len(log_mel.values)
        if log_mel.end_sample - frames * features.FRAME_STEP_SAMPLES != self._end_sample:
            self._reset()
        self._end_sample = log_mel.end_sample
        self._frames = np.concatenate([self._frames, log_mel.values])[-(WINDOW_FRAMES + CONTEXT_FRAMES) :]
        self._seen_frames += frames
        self._unencoded_frames = min(self._unencoded_frames + frames, WINDOW_FRAMES)
        if self._seen_frames < WINDOW_FRAMES:
            return None
        probabilities = self._quiet_probabilities() if self._is_quiet() else self._run()
        return Scores(probabilities, log_mel.end_sample / SAMPLE_RATE, log_mel.level_dbfs)

    def _reset(self) -> None:
        self._frames = np.full((CONTEXT_FRAMES, features.MELS), features.SILENCE, np.float32)
        self._recent = np.zeros((1, WINDOW_STEPS, self._width), np.float32)
        self._seen_frames = 0
        self._unencoded_frames = 0

    def _is_quiet(self) -> bool:
        return bool(self._frames[-WINDOW_FRAMES:].max() < QUIET_LOG_MEL)

    def _quiet_probabilities(self) -> dict[str, float]:
        return {label: float(label == "none") for label in self.card.labels}

    def _run(self) -> dict[str, float]:
        frames = self._frames[None, -(self._unencoded_frames + CONTEXT_FRAMES) :]
        probabilities, self._recent = self._session.run(None, {"frames": frames, "past": self._recent})
        self._unencoded_frames = 0
        return dict(zip(self.card.labels, map(float, probabilities[0]), strict=True))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:120]


def _require_match(path: Path, card: ModelCard, guideline: Guideline) -> None:
    labels = tuple(label.name for label in guideline.labels)
    if (card.schema_version, card.schema_digest) != (guideline.version, guideline.digest):
        raise ModelError(
            f"model {path} was trained under guideline v{card.schema_version} ({card.schema_digest[:12]}), this hushd"
            f" uses v{guideline.version} ({guideline.digest[:12]}): install the model that came with it, or retrain"
        )
    if card.labels != labels:
        raise ModelError(f"model {path} has labels {card.labels}, the guideline has {labels}: retrain the model")
    if card.feature_fingerprint != features.FINGERPRINT:
        raise ModelError(f"model {path} was trained with another audio front end: install the model of this hushd")
