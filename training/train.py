"""From a clean clone and the data folder to a model with its card: compose, fit, choose operating points, export,
evaluate. Each step leaves its result in the work folder, so that an interrupted run goes on where it stopped.
"""

import dataclasses
from pathlib import Path

from tqdm import tqdm

import label_schema
from edge import features
from edge.classifier import ModelCard, OperatingPoint
from training import catalog, operating_points, streams
from training.card import write_card
from training.evaluate import as_text, evaluate
from training.export import export
from training.fit import FitSettings, fit
from training.shards import make_shards, open_library
from training.streams import Workplace

DEV_SHARDS = 8
LICENCE = "Apache-2.0"
DEV_EPISODES, TEST_EPISODES = 40, 60
DEV_SEED, TEST_SEED = 11, 12


def train(model_id: str, data: Path, work: Path, models: Path, shards: int, settings: FitSettings, jobs: int) -> Path:
    """The folder of the new model, ``models``/``model_id``."""
    guideline = label_schema.load()
    clips = catalog.read_catalog(data)
    place = Workplace(data, clips, work, jobs)
    dev = make_shards(data, clips, "dev", DEV_SHARDS, settings.seed, work, jobs)
    scenes = make_shards(data, clips, "train", shards, settings.seed, work, jobs)
    net = fit(scenes, dev, guideline, settings, work / "fit" / model_id)

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
    draft = work / "fit" / model_id / "draft.onnx"
    export(net, card, draft)
    tqdm.write("listen to the dev split, to choose the operating points")
    heard = streams.hear_episodes(draft, "dev", DEV_EPISODES, DEV_SEED, place)
    heard.append(streams.hear_none_in_a_row(draft, open_library(data, clips, "dev", work), DEV_SEED))
    card = dataclasses.replace(card, operating_points=operating_points.choose(heard))
    export(net, card, model)
    tqdm.write("listen to the test split")
    found = evaluate(model, "test", place, TEST_EPISODES, TEST_SEED, work / "report" / model_id)
    write_card(
        card,
        used,
        found,
        f"python -m training train {model_id} --steps {settings.steps} --shards {shards}",
        folder / "card.md",
    )
    tqdm.write(as_text(found))
    return folder
