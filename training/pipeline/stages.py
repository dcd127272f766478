"""From a clean clone and the data folder to a model with its card: the stages, in the order in which they run.

    bank -> consensus -> scenes -> fit -> measure -> evaluate -> card          (nights: beside evaluate, on demand)

``train`` runs them all; ``dvc repro`` runs those whose inputs changed. Each leaves files under ``Plan.made`` for the
next, and what takes long (the bank, scenes, checkpoints) besides under the digest of what it is made from: a stage that
was interrupted, or runs again, goes on where it stopped.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import onnx
import torch
from tqdm import tqdm

from edge.detection import features
from edge.detection.classifier import Classifier, ModelCard, OperatingPoint
from edge.detection.decision_settings import Thresholds
from training.data import checksums, manifest
from training.data.annotations import PEOPLE
from training.data.audio_cache import open_audio_cache
from training.data.manifest import SPLITS, Clip
from training.data.workspace import Workplace
from training.evaluation.nights.alarms import measure_operating_points
from training.evaluation.nights.report import write_report
from training.evaluation.nights.runner import NightRunConfig, recipes, run_nights
from training.evaluation.report import as_text
from training.evaluation.report import evaluate as evaluate_model
from training.evaluation.seeds import EPISODE_SEED, MEASURING_OFFSET
from training.labels import training_labels
from training.model.network import CryNet
from training.model.onnx_export import export, write_model
from training.model.onnx_metadata import read_metadata
from training.model.operating_points import SENSITIVITIES
from training.model.trainer import FitSettings
from training.model.trainer import fit as fit_net
from training.pipeline import clip_usage
from training.pipeline.model_card import NOTES, read_figures, write_card
from training.pipeline.params import Params
from training.pipeline.provenance import Provenance, checkout, fit_digest, labels_digest, recipe_digest
from training.storage.atomic import write_whole
from training.synthesis.feature_shards import make_examples, make_shards, open_library

LICENCE = "Apache-2.0"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is made, and where."""

    params: Params
    data: Path
    work: Path
    models: Path
    jobs: int
    consensus: Path | None = None
    """A table to take instead of the label store's own."""

    @property
    def made(self) -> Path:
        """What the stages leave for each other."""
        return self.work / "train" / self.params.model

    @property
    def model(self) -> Path:
        """What ships."""
        return self.models / self.params.model / "model.onnx"

    @property
    def report(self) -> Path:
        """How it measured."""
        return self.work / "report" / self.params.model

    def clips(self, *splits: str) -> list[Clip]:
        """The whole catalog, with what people call the clips of these splits."""
        said = {file: label for split in splits for file, label in training_labels.read(self.made, split).items()}
        return [replace(clip, annotations=said.get(clip.file)) for clip in manifest.read_manifest(self.data)]

    def place(self, split: str) -> Workplace:
        """Where a model listens to a split."""
        return Workplace(self.data, self.clips(split), self.work, self.jobs)


def bank(plan: Plan) -> None:
    """Know every clip by its bytes, and decode them."""
    clips = manifest.read_manifest(plan.data)
    contents = checksums.compute(plan.data, clips, plan.work)
    open_audio_cache(plan.data, clips, plan.work / "bank", checksums.digest(clips, contents))
    checksums.write(plan.made / "clips.csv", clips, contents)


def consensus(plan: Plan) -> None:
    """What people call the clips, split by split, and the numbers of the guideline."""
    guideline = plan.params.taught
    training_labels.freeze_labels(plan.params.labels, guideline, plan.made, plan.consensus)
    contents = checksums.read(plan.made / "clips.csv")
    said = training_labels.read_consensus(plan.made / training_labels.TABLE, guideline)
    clips = training_labels.attach_annotations(manifest.read_manifest(plan.data), contents, said)
    training_labels.write(plan.made, clips)
    there = set(contents.values())
    # Programs' readings are of public clips that another data folder need not hold; what people labeled is missed.
    elsewhere = sum(clip not in there and each.by == PEOPLE for clip, each in said.items())
    if elsewhere:
        tqdm.write(f"{elsewhere} labeled clips are not in the data folder: they teach nothing")
    rules = {
        "names": guideline.names,
        "clip_seconds": guideline.clip_seconds,
        "thresholds": dict(guideline.thresholds),
    }
    write_whole(plan.made / "rules.json", json.dumps(rules, indent=1) + "\n")


def scenes(plan: Plan) -> None:
    """Compose the scenes of both splits, and those of the clips that people labeled."""
    params, clips = plan.params, plan.clips("train", "dev")
    where = (params.seed, plan.work, plan.jobs)
    made = {
        "dev": make_shards(plan.data, clips, "dev", params.amounts.dev_shards, *where),
        "train": make_shards(plan.data, clips, "train", params.amounts.shards, *where, params.emphases),
        "labeled": make_examples(plan.data, clips, "train", params.labels.examples, *where),
    }
    shards = {name: [str(path.relative_to(plan.work)) for path in paths] for name, paths in made.items()}
    write_whole(plan.made / "scenes.json", json.dumps(shards, indent=1) + "\n")


def fit(plan: Plan) -> None:
    """Fit the net, or take it from its checkpoint; a checkpoint of other code is none."""
    params, guideline = plan.params, plan.params.taught
    named: Mapping[str, list[str]] = json.loads((plan.made / "scenes.json").read_text())
    shards = {name: [plan.work / path for path in paths] for name, paths in named.items()}
    settings = FitSettings(steps=params.steps, seed=params.seed, threads=plan.jobs)
    made_of = (named["train"] + named["labeled"], guideline.thresholds, replace(settings, threads=1), fit_digest())
    folder = plan.work / "fit" / hashlib.sha256(repr(made_of).encode()).hexdigest()[:16]
    net = fit_net(shards["train"] + shards["labeled"], shards["dev"], guideline, settings, folder)
    weights = plan.made / "net.partial"
    torch.save({"tags": net.aside.out_features - 3, "weights": net.state_dict()}, weights)
    weights.replace(plan.made / "net.pt")


def measure(plan: Plan) -> None:
    """Export the net with its operating points, measured on the dev split, and with where it comes from."""
    params, guideline = plan.params, plan.params.taught
    stored = torch.load(plan.made / "net.pt", weights_only=True)
    net = CryNet(len(guideline.labels), stored["tags"]).eval()
    net.load_state_dict(stored["weights"])
    card = ModelCard(
        model_id=params.model,
        schema_version=guideline.version,
        schema_digest=guideline.digest,
        labels=guideline.names,
        feature_fingerprint=features.FINGERPRINT,
        operating_points={"normal": OperatingPoint(0.5, 0.5, float("nan"), float("nan"))},
        training_data=manifest.clips_digest(_used(plan)),
        licence=LICENCE,
    )
    draft = plan.made / "draft.onnx"
    export(net, card, draft)
    card = card_with_operating_points(plan, draft, SENSITIVITIES)
    write_model(onnx.load(draft), card, plan.model, provenance(plan).as_metadata())


def card_with_operating_points(plan: Plan, draft: Path, sensitivities: Mapping[str, Thresholds]) -> ModelCard:
    """The draft's card with its operating points, measured; and a place for its makers' notes."""
    tqdm.write("listen to the dev split, to measure the operating points")
    params = plan.params
    # Other nights than those by which the sensitivities were set.
    studio = NightRunConfig(plan.data, plan.clips("dev"), plan.work, draft, None, plan.jobs)
    heard = run_nights(studio, recipes("dev", params.amounts.dev_hours, params.nights.seed + MEASURING_OFFSET))
    notes = plan.model.with_name(NOTES)
    if not notes.exists():
        write_whole(notes, "Nothing noted yet.\n")
    return replace(
        Classifier.load(draft, params.taught).card, operating_points=measure_operating_points(heard, sensitivities)
    )


def evaluate(plan: Plan) -> None:
    """Report on the test split."""
    tqdm.write("listen to the test split")
    amounts = plan.params.amounts
    found = evaluate_model(
        plan.model, "test", plan.place("test"), amounts.test_episodes, EPISODE_SEED, plan.report, amounts.row_s
    )
    tqdm.write(as_text(found))


def nights(plan: Plan) -> None:
    """Report on whole nights of the test split."""
    seed = plan.params.nights.seed
    studio = NightRunConfig(plan.data, plan.clips("test"), plan.work, plan.model, None, plan.jobs)
    heard = run_nights(studio, recipes("test", plan.params.nights.hours, seed))
    card = Classifier.load(plan.model, plan.params.taught).card
    write_report(heard, card, "test", seed, plan.report / "nights")


def card(plan: Plan) -> None:
    """Write the model's card, its makers' notes included."""
    of_model = Classifier.load(plan.model, plan.params.taught).card
    came = Provenance.from_metadata(read_metadata(plan.model))
    assert came
    write_card(of_model, came, _used(plan), read_figures(plan.report / "figures.json"), plan.model.parent)


STAGES: Mapping[str, Callable[[Plan], None]] = {
    stage.__name__: stage for stage in (bank, consensus, scenes, fit, measure, evaluate, nights, card)
}


def train(plan: Plan) -> None:
    """All stages but the nights."""
    for stage in (bank, consensus, scenes, fit, measure, evaluate, card):
        stage(plan)


def _used(plan: Plan) -> list[Clip]:
    return [clip for clip in plan.clips("train") if clip.split == "train"]


def provenance(plan: Plan) -> Provenance:
    """Where it comes from. Also leaves each clip's label and role in a table, for ``why``."""
    params, clips = plan.params, plan.clips(*SPLITS)
    contents = checksums.read(plan.made / "clips.csv")
    cast = []
    for split in SPLITS:
        mine = [clip for clip in clips if clip.split == split]
        cast += clip_usage.clip_usage(open_library(plan.data, clips, split, plan.work), mine, contents)
    clip_usage.write(plan.made / "roles.csv", cast)
    guideline, shaping = params.taught, params.shaping()
    origin = training_labels.origin_of(plan.made)
    commit, dirty = checkout()
    return Provenance(
        guideline=guideline.version,
        guideline_digest=guideline.digest,
        data=checksums.digest(clips, contents),
        store=origin.digest,
        labels=labels_digest(clips, contents),
        consensus=origin.consensus,
        recipe=recipe_digest(shaping),
        params=shaping,
        command=params.command,
        commit=commit,
        dirty=dirty,
        counts=clip_usage.counts(cast),
    )
