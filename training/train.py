"""From a clean clone and the data folder to a model with its card: compose, fit, export, measure the operating points,
evaluate. Each step leaves its result in the work folder, so that an interrupted run goes on where it stopped.
"""

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

import label_schema
from edge import features
from edge.classifier import ModelCard, OperatingPoint
from label_schema import Guideline
from training import catalog, operating_points, streams
from training.card import write_card
from training.evaluate import as_text, evaluate
from training.export import export
from training.fit import FitSettings, fit
from training.shards import make_shards, open_library
from training.streams import ROW_S, Workplace

LICENCE = "Apache-2.0"
DEV_SEED, TEST_SEED = 11, 12


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much is composed and listened to; the defaults made the shipped model."""

    shards: int = 180
    """Training scenes / 64."""
    dev_shards: int = 8
    dev_episodes: int = 40
    """Composed episodes of each kind, to measure the operating points."""
    test_episodes: int = 60
    """To measure the model."""
    row_s: float = ROW_S
    """Clips that are no cry, played in a row, on either split."""


REHEARSAL = Amounts(shards=1, dev_shards=1, dev_episodes=1, test_episodes=1, row_s=60.0)
"""Shows that every step runs; what comes out is worth nothing."""


def train(
    model_id: str, data: Path, work: Path, models: Path, amounts: Amounts, settings: FitSettings, jobs: int
) -> Path:
    """The folder of the new model, ``models``/``model_id``."""
    guideline = label_schema.load()
    clips = catalog.read_catalog(data)
    place = Workplace(data, clips, work, jobs)
    dev = make_shards(data, clips, "dev", amounts.dev_shards, settings.seed, work, jobs)
    scenes = make_shards(data, clips, "train", amounts.shards, settings.seed, work, jobs)
    fitted = work / "fit" / f"{model_id}-{_fit_digest(scenes, guideline, settings)[:12]}"
    net = fit(scenes, dev, guideline, settings, fitted)

    folder = models / model_id
    model = folder / "model.onnx"
    used = [clip for clip in clips if clip.split == "train" and clip.kind != "rir"]
    unmeasured = OperatingPoint(0.5, 0.5, float("nan"), float("nan"))
    card = ModelCard(
        model_id=model_id,
        schema_version=guideline.version,
        schema_digest=guideline.digest,
        labels=guideline.names,
        feature_fingerprint=features.FINGERPRINT,
        operating_points={"normal": unmeasured},
        training_data=catalog.digest(used),
        licence=LICENCE,
    )
    draft = fitted / "draft.onnx"
    export(net, card, draft)
    tqdm.write("listen to the dev split, to measure the operating points")
    heard = streams.hear_episodes(draft, "dev", amounts.dev_episodes, DEV_SEED, place)
    heard.append(streams.hear_none_in_a_row(draft, open_library(data, clips, "dev", work), DEV_SEED, amounts.row_s))
    card = dataclasses.replace(card, operating_points=operating_points.measure(heard))
    export(net, card, model)
    tqdm.write("listen to the test split")
    report = work / "report" / model_id
    found = evaluate(model, "test", place, amounts.test_episodes, TEST_SEED, report, amounts.row_s)
    how = "--rehearse" if amounts == REHEARSAL else f"--shards {amounts.shards}"
    command = f"python -m training train {model_id} {how} --steps {settings.steps} --seed {settings.seed}"
    write_card(card, used, found, command, folder / "card.md")
    tqdm.write(as_text(found))
    return folder


def _fit_digest(scenes: Sequence[Path], guideline: Guideline, settings: FitSettings) -> str:
    """What a checkpoint belongs to: under another guideline, or with other scenes, fitting begins anew."""
    settings = dataclasses.replace(settings, threads=1)
    return hashlib.sha256(repr((scenes[0].parent.name, len(scenes), guideline.digest, settings)).encode()).hexdigest()
