"""What each shipped model says of the same 24 seconds, kept word for word.

A model has its own golden file, so a new model does not touch an old one's. Renew it after a change that is meant to
change the scores, and say so in the CHANGELOG:

    python -m tests.support.golden_scores
"""

import json
import math
from pathlib import Path

import numpy as np

from edge.detection import model_loading
from edge.detection.features import LogMelStream
from edge.detection.windows import HopFramer
from edge.records import SAMPLE_RATE, AudioBlock, FloatArray
from training.model.quantize import is_quantized

FOLDER = Path(__file__).parents[1] / "contract" / "golden" / "scores"


def signal() -> FloatArray:
    """Something of everything, from formulas alone: hum, a gliding voice in bursts, clicks, quiet, noise."""
    seconds = np.arange(4 * SAMPLE_RATE) / SAMPLE_RATE
    rng = np.random.Generator(np.random.PCG64(0))
    noise = rng.standard_normal(4 * SAMPLE_RATE)
    pitch = 450 * (1 + 0.25 * np.sin(2 * np.pi * seconds / 1.2))
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    voice = sum(np.sin(harmonic * phase) / harmonic for harmonic in range(1, 9)) * (seconds % 1.2 < 0.9)
    adult = sum(np.sin(harmonic * phase / 3) / harmonic for harmonic in range(1, 20)) * (seconds % 0.5 < 0.35)
    parts = [
        0.002 * noise + 0.01 * np.sin(2 * np.pi * 100 * seconds),
        0.15 * voice + 0.002 * noise,
        0.15 * voice + 0.1 * adult + 0.002 * noise,
        0.2 * (seconds % 0.7 < 0.01) * noise,
        np.zeros_like(seconds),
        0.05 * noise,
    ]
    return np.concatenate(parts).astype(np.float32)


def scores() -> tuple[str, list[dict[str, float]]]:
    """The shipped model's id, and its probabilities for each window of :func:`signal`."""
    classifier = model_loading.load_classifier()
    stream = LogMelStream()
    heard = [classifier.push(stream.push(hop)) for hop in HopFramer().push(AudioBlock(signal(), 0))]
    return classifier.card.model_id, [dict(each.probabilities) for each in heard if each]


def tolerance() -> float:
    """How far the shipped model's probabilities may be from what is kept: processors round differently.

    In 8 bits what falls on the next step moves a probability by a hundredth (log-mel 1e-5 off: by 0.012). Another model
    or a broken front end is beyond either; a fault of the front end too small for 8 bits the tests of equality find.
    """
    return 0.02 if is_quantized(model_loading.shipped_model()) else 0.001


def golden_file(model_id: str) -> Path:
    """Where the scores of a model are kept."""
    return FOLDER / f"{model_id}.json"


def renew() -> Path:
    """Write what the shipped model says now."""
    model_id, heard = scores()
    path = golden_file(model_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    rounded = [{label: round(value, 6) + 0.0 for label, value in each.items()} for each in heard]
    path.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")
    return path


def differences(heard: list[dict[str, float]], kept: list[dict[str, float]], tolerance: float) -> list[str]:
    """The windows that are not as they were, in words."""
    if len(heard) != len(kept):
        return [f"{len(heard)} windows, {len(kept)} are kept"]
    return [
        f"window {index}: {label} is {now.get(label, math.nan):.4f}, was {value:.4f}"
        for index, (now, before) in enumerate(zip(heard, kept, strict=True))
        for label, value in before.items()
        if not abs(now.get(label, math.nan) - value) <= tolerance
    ]


if __name__ == "__main__":
    print(renew())
