"""Scores for the last 5 seconds, once a hop, from an encoder that is paid for once.

The net is two parts in one ONNX graph. The encoder turns every 16 frames (0.25 s) into one embedding; it uses no
padding in time, so an embedding is the same whether its frames come in one piece or many, and is kept. The head, a
hundredth of the cost, looks at the last 20 embeddings, which are the 5-second window.

    frames [1, context + 16 n, mels], past [1, 20, width]  ->  probabilities [1, labels], recent [1, 20, width]

While the whole window is quiet the net is not run at all; when sound returns, the encoder is run once over the frames
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
"""Frames an embedding."""
CONTEXT_FRAMES = 15
"""Frames before its own 16 that an embedding also sees."""
WINDOW_FRAMES = WINDOW_SAMPLES // features.FRAME_STEP_SAMPLES
WINDOW_STEPS = WINDOW_FRAMES // STEP_FRAMES

QUIET_LOG_MEL = -12.0
"""A window in which no band of any frame is louder than this is quiet: below white noise at about -70 dBFS, or a
tone at -73 dBFS. A cry that faint is under the own noise of the microphones this runs with."""


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A sensitivity and what it was measured to cost, in parents' units."""

    cry_threshold: float
    """Probability of crying, soothed or not, from which a window speaks for crying."""
    soothing_threshold: float
    """Share of the crying heard as soothed from which somebody is there."""
    false_alerts_per_night: float
    """Measured on nights of clips the model never saw, 8 hours each."""
    missed_per_100: float
    """Crying episodes of 30 s or more, of a hundred, that did not ring."""

    @property
    def thresholds(self) -> Thresholds:
        """The thresholds that the decision uses."""
        return Thresholds(self.cry_threshold, self.soothing_threshold)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a model says of itself, from its ONNX metadata."""

    model_id: str
    schema_version: int
    schema_digest: str
    labels: tuple[str, ...]
    feature_fingerprint: str
    operating_points: Mapping[str, OperatingPoint]
    training_data: str
    """Digest of the manifest and labels it was trained on."""
    licence: str

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> Self:
        """Raises KeyError, ValueError, TypeError or AttributeError where the metadata is not hushd's."""
        raw: dict[str, Any] = json.loads(metadata["hushd"])
        points = {name: OperatingPoint(**point) for name, point in raw.pop("operating_points").items()}
        return cls(**{**raw, "labels": tuple(raw["labels"]), "operating_points": points})


class Classifier:
    """A model and its memory of the last 5 seconds."""

    def __init__(self, session: onnxruntime.InferenceSession, card: ModelCard) -> None:
        self.card = card
        self._session = session
        self._width = session.get_inputs()[1].shape[2]
        self._end_sample = 0
        self._frames: FloatArray
        self._recent: FloatArray
        self._heard_frames: int
        self._unencoded_frames: int
        self._forget()

    @classmethod
    def load(cls, path: Path, guideline: Guideline) -> Self:
        """A classifier from a model file; ModelError where the file does not fit this device."""
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
            raise ModelError(f"model {path} carries no hushd metadata: use a model made by hushd's training") from error
        _refuse_misfit(path, card, guideline)
        return cls(session, card)

    def push(self, log_mel: LogMel) -> Scores | None:
        """Scores of the window that ends with this hop; None until 5 seconds have been heard."""
        frames = len(log_mel.values)
        if log_mel.end_sample - frames * features.FRAME_STEP_SAMPLES != self._end_sample:
            self._forget()
        self._end_sample = log_mel.end_sample
        self._frames = np.concatenate([self._frames, log_mel.values])[-(WINDOW_FRAMES + CONTEXT_FRAMES) :]
        self._heard_frames += frames
        self._unencoded_frames = min(self._unencoded_frames + frames, WINDOW_FRAMES)
        if self._heard_frames < WINDOW_FRAMES:
            return None
        probabilities = self._quiet() if self._is_quiet() else self._run()
        return Scores(probabilities, log_mel.end_sample / SAMPLE_RATE, log_mel.level_dbfs)

    def _forget(self) -> None:
        self._frames = np.full((CONTEXT_FRAMES, features.MELS), features.SILENCE, np.float32)
        self._recent = np.zeros((1, WINDOW_STEPS, self._width), np.float32)
        self._heard_frames = 0
        self._unencoded_frames = 0

    def _is_quiet(self) -> bool:
        return bool(self._frames[-WINDOW_FRAMES:].max() < QUIET_LOG_MEL)

    def _quiet(self) -> dict[str, float]:
        return {label: float(label == "none") for label in self.card.labels}

    def _run(self) -> dict[str, float]:
        frames = self._frames[None, -(self._unencoded_frames + CONTEXT_FRAMES) :]
        probabilities, self._recent = self._session.run(None, {"frames": frames, "past": self._recent})
        self._unencoded_frames = 0
        return dict(zip(self.card.labels, map(float, probabilities[0]), strict=True))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:120]


def _refuse_misfit(path: Path, card: ModelCard, guideline: Guideline) -> None:
    labels = tuple(label.name for label in guideline.labels)
    if (card.schema_version, card.schema_digest) != (guideline.version, guideline.digest):
        raise ModelError(
            f"model {path} was trained under guideline v{card.schema_version} ({card.schema_digest[:12]}), this hushd"
            f" speaks v{guideline.version} ({guideline.digest[:12]}): install the model that came with it, or retrain"
        )
    if card.labels != labels:
        raise ModelError(f"model {path} has labels {card.labels}, the guideline has {labels}: retrain the model")
    if card.feature_fingerprint != features.FINGERPRINT:
        raise ModelError(f"model {path} was trained with another audio front end: install the model of this hushd")
