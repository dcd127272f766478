"""``combine``: a model that is the mean of others, in 8 bits, measured and described as a trained one is."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import onnx
from tqdm import tqdm

from edge.detection.classifier import Classifier, ModelCard
from edge.errors import ModelError
from training.model import ensemble, parity, quantize
from training.model.ensemble import MeanNet
from training.model.network import WIDTH
from training.model.onnx_export import graph, net_of, write_model
from training.model.operating_points import MEAN_SENSITIVITIES
from training.pipeline.provenance import MEMBERS, recipe_digest
from training.pipeline.stages import Plan, bank, card, card_with_operating_points, consensus, evaluate, provenance
from training.synthesis.feature_shards import make_shards


def combine(plan: Plan, members: Sequence[str]) -> None:
    """``plan``'s model from its ``members``, named in the folder of models, with its card and report."""
    if len(set(members)) != len(members) or len(members) < 2:
        raise ModelError(f"a mean needs two or more different models, got {' '.join(members)}")
    files = {name: plan.models / name / "model.onnx" for name in members}
    of_model = _card(plan, [Classifier.load(file, plan.params.taught).card for file in files.values()])
    # A member that is none is refused before the data are read.
    nets = [net_of(file, len(of_model.labels)) for file in files.values()]
    bank(plan)
    consensus(plan)
    draft = plan.made / "draft.onnx"
    _write_draft(plan, MeanNet(nets), of_model, draft)
    digests = {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items()}
    shaping = {MEMBERS: digests, "dev_shards": plan.params.amounts.dev_shards, "seed": plan.params.seed}
    came = replace(
        provenance(plan),
        recipe=recipe_digest(shaping, ensemble, quantize),
        params=shaping,
        command=f"python -m training ensemble {plan.params.model} {' '.join(members)}",
    )
    of_model = card_with_operating_points(plan, draft, MEAN_SENSITIVITIES)
    write_model(onnx.load(draft), of_model, plan.model, came.as_metadata())
    evaluate(plan)
    card(plan)


def _card(plan: Plan, cards: Sequence[ModelCard]) -> ModelCard:
    """The last member's, but for what it is called and what it learned from."""
    data = hashlib.sha256("".join(each.training_data for each in cards).encode()).hexdigest()
    return replace(cards[-1], model_id=plan.params.model, training_data=data)


def _write_draft(plan: Plan, of_members: MeanNet, of_model: ModelCard, draft: Path) -> None:
    amounts, seed = plan.params.amounts, plan.params.seed
    scenes = make_shards(plan.data, plan.clips("dev"), "dev", amounts.dev_shards, seed, plan.work, plan.jobs)
    plain = plan.made / "mean.onnx"
    write_model(graph(of_members, of_members.count * WIDTH), of_model, plain)
    tqdm.write("measure the ranges of 8 bits on scenes of the dev split")
    quantize.quantize(plain, scenes, draft)
    same = parity.same_label(draft, plain, scenes)
    tqdm.write(f"in 8 bits it calls {100 * same:.1f} of 100 windows of these scenes what it calls them in float")
