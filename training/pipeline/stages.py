"""The stages from the data folder to a model with its card, in their order.

    bank -> consensus -> scenes -> fit -> measure -> evaluate -> card          (nights: beside evaluate, on demand)

``train`` runs them all, ``dvc repro`` runs those whose inputs changed. Each stage leaves files under ``Plan.made`` for
the next one. Long results (decoded audio, scenes, checkpoints) are kept under the digest of their inputs, so that an
interrupted stage continues where it stopped.
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
from training.data.workspace import Workspace
from training.evaluation.nights.alarm_systems import measure_operating_points
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
from training.pipeline.model_card import NOTES, write_card
from training.pipeline.params import Params
from training.pipeline.provenance import Provenance, checkout, fit_digest, labels_digest, recipe_digest
from training.storage.atomic import replacing, write_whole
from training.storage.json import read_json
from training.synthesis.feature_shards import make_examples, make_shards, open_library

LICENCE = "Apache-2.0"


@dataclass(frozen=True, slots=True)
class Plan:
    """The parameters of a model, the workspace it is made in, and the folder of models."""

    params: Params
    workspace: Workspace
    """Without annotations; :meth:`labeled` applies those of the consensus stage."""
    models: Path
    consensus: Path | None = None
    """A consensus table to use instead of the label store's."""

    @property
    def made(self) -> Path:
        """Folder of the files that stages leave for each other."""
        return self.workspace.work / "train" / self.params.model

    @property
    def model(self) -> Path:
        """The model's file."""
        return self.models / self.params.model / "model.onnx"

    @property
    def report(self) -> Path:
        """Folder of the model's reports."""
        return self.workspace.work / "report" / self.params.model

    def labeled(self, *splits: str) -> Workspace:
        """Return the workspace with the annotations of these splits' clips."""
        annotations = {file: each for split in splits for file, each in training_labels.read(self.made, split).items()}
        clips = [replace(clip, annotations=annotations.get(clip.file)) for clip in self.workspace.clips]
        return replace(self.workspace, clips=clips)


def bank(plan: Plan) -> None:
    """Compute the checksum of every clip, and decode all clips."""
    clips = plan.workspace.clips
    contents = checksums.compute(plan.workspace)
    open_audio_cache(plan.workspace, checksums.digest(clips, contents))
    checksums.write(plan.made / "clips.csv", clips, contents)


def consensus(plan: Plan) -> None:
    """Write the annotations of the clips, split by split, and the guideline's numbers."""
    guideline = plan.params.guideline_record
    training_labels.freeze_labels(plan.params.labels, guideline, plan.made, plan.consensus)
    contents = checksums.read(plan.made / "clips.csv")
    annotations = training_labels.read_consensus(plan.made / training_labels.TABLE, guideline)
    training_labels.write(plan.made, training_labels.attach_annotations(plan.workspace.clips, contents, annotations))
    known = set(contents.values())
    # Program labels are of public clips that another data folder may lack; a clip that people labeled is missed.
    missing = sum(clip not in known and each.by == PEOPLE for clip, each in annotations.items())
    if missing:
        tqdm.write(f"{missing} labeled clips are not in the data folder: they are not used")
    rules = {
        "names": guideline.names,
        "clip_seconds": guideline.clip_seconds,
        "thresholds": dict(guideline.thresholds),
    }
    write_whole(plan.made / "rules.json", json.dumps(rules, indent=1) + "\n")


def scenes(plan: Plan) -> None:
    """Compose the scenes of both splits, and the scenes of the labeled clips."""
    params, workspace = plan.params, plan.labeled("train", "dev")
    made = {
        "dev": make_shards(workspace, "dev", params.amounts.dev_shards, params.seed),
        "train": make_shards(workspace, "train", params.amounts.shards, params.seed, params.emphases),
        "labeled": make_examples(workspace, "train", params.labels.examples, params.seed),
    }
    shards = {name: [str(path.relative_to(workspace.work)) for path in paths] for name, paths in made.items()}
    write_whole(plan.made / "scenes.json", json.dumps(shards, indent=1) + "\n")


def fit(plan: Plan) -> None:
    """Train the network, from its checkpoint where one of this code exists."""
    params, guideline, work = plan.params, plan.params.guideline_record, plan.workspace.work
    named: Mapping[str, list[str]] = json.loads((plan.made / "scenes.json").read_text())
    shards = {name: [work / path for path in paths] for name, paths in named.items()}
    settings = FitSettings(steps=params.steps, seed=params.seed, threads=plan.workspace.jobs)
    made_of = (named["train"] + named["labeled"], guideline.thresholds, replace(settings, threads=1), fit_digest())
    folder = work / "fit" / hashlib.sha256(repr(made_of).encode()).hexdigest()[:16]
    net = fit_net(shards["train"] + shards["labeled"], shards["dev"], guideline, settings, folder)
    with replacing(plan.made / "net.pt") as file:
        torch.save({"tags": net.aside.out_features - 3, "weights": net.state_dict()}, file)


def measure(plan: Plan) -> None:
    """Export the network with its provenance and its operating points, measured on the dev split."""
    params, guideline = plan.params, plan.params.guideline_record
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
    """Return the draft's card with its measured operating points; start a file for its makers' notes."""
    tqdm.write("listen to the dev split, to measure the operating points")
    params = plan.params
    # Other nights than those that the sensitivities were set on.
    planned = recipes("dev", params.amounts.dev_hours, params.nights.seed + MEASURING_OFFSET)
    dev_nights = run_nights(NightRunConfig(plan.labeled("dev"), draft), planned)
    notes = plan.model.with_name(NOTES)
    if not notes.exists():
        write_whole(notes, "Nothing noted yet.\n")
    points = measure_operating_points(dev_nights, sensitivities)
    return replace(Classifier.load(draft, params.guideline_record).card, operating_points=points)


def evaluate(plan: Plan) -> None:
    """Report on the test split."""
    tqdm.write("listen to the test split")
    amounts = plan.params.amounts
    figures = evaluate_model(
        plan.model, "test", plan.labeled("test"), amounts.test_episodes, EPISODE_SEED, plan.report, amounts.row_s
    )
    tqdm.write(as_text(figures))


def nights(plan: Plan) -> None:
    """Report on whole nights of the test split."""
    seed = plan.params.nights.seed
    planned = recipes("test", plan.params.nights.hours, seed)
    test_nights = run_nights(NightRunConfig(plan.labeled("test"), plan.model), planned)
    card = Classifier.load(plan.model, plan.params.guideline_record).card
    write_report(test_nights, card, "test", seed, plan.report / "nights")


def card(plan: Plan) -> None:
    """Write the model's card: its figures, the provenance of its data, and the notes of the model's folder."""
    model_card = Classifier.load(plan.model, plan.params.guideline_record).card
    origin = Provenance.from_metadata(read_metadata(plan.model))
    assert origin
    write_card(model_card, origin, _used(plan), read_json(plan.report / "figures.json"), plan.model.parent)


STAGES: Mapping[str, Callable[[Plan], None]] = {
    stage.__name__: stage for stage in (bank, consensus, scenes, fit, measure, evaluate, nights, card)
}


def train(plan: Plan) -> None:
    """Run all stages but the nights."""
    for stage in (bank, consensus, scenes, fit, measure, evaluate, card):
        stage(plan)


def _used(plan: Plan) -> list[Clip]:
    return plan.labeled("train").clips_of("train")


def provenance(plan: Plan) -> Provenance:
    """Return the model's provenance, and write each clip's label and role to a table for ``why``."""
    params, workspace = plan.params, plan.labeled(*SPLITS)
    clips, contents = workspace.clips, checksums.read(plan.made / "clips.csv")
    usage = []
    for split in SPLITS:
        usage += clip_usage.clip_usage(open_library(workspace, split), workspace.clips_of(split), contents)
    clip_usage.write(plan.made / "roles.csv", usage)
    guideline, shaping = params.guideline_record, params.shaping()
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
        counts=clip_usage.counts(usage),
    )
