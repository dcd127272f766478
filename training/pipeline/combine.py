"""``combine``: an ensemble of models as one 8-bit model, with the same measurements and card as a trained one."""

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
from training.model.files import model_file
from training.model.network import WIDTH
from training.model.onnx_export import graph, net_of, write_model
from training.model.operating_points import MEAN_SENSITIVITIES
from training.pipeline.provenance import MEMBERS, recipe_digest
from training.pipeline.stages import Plan, bank, card, card_with_operating_points, consensus, evaluate, provenance
from training.synthesis.feature_shards import make_shards


def combine(plan: Plan, members: Sequence[str]) -> None:
    """Make the plan's model from its ``members``, models of the folder of models, with its card and report."""
    if len(set(members)) != len(members) or len(members) < 2:
        raise ModelError(f"a mean needs two or more different models, got {' '.join(members)}")
    files = {name: model_file(plan.models, name) for name in members}
    model_card = _card(plan, [Classifier.load(file, plan.params.guideline_record).card for file in files.values()])
    # A member that cannot be combined is refused before the audio is read.
    nets = [net_of(file, len(model_card.labels)) for file in files.values()]
    bank(plan)
    consensus(plan)
    draft = plan.made / "draft.onnx"
    _write_draft(plan, MeanNet(nets), model_card, draft)
    digests = {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items()}
    shaping = {MEMBERS: digests, "dev_shards": plan.params.amounts.dev_shards, "seed": plan.params.seed}
    origin = replace(
        provenance(plan),
        recipe=recipe_digest(shaping, ensemble, quantize),
        params=shaping,
        command=f"python -m training ensemble {plan.params.model} {' '.join(members)}",
    )
    model_card = card_with_operating_points(plan, draft, MEAN_SENSITIVITIES)
    write_model(onnx.load(draft), model_card, plan.model, origin.as_metadata())
    evaluate(plan)
    card(plan)


def _card(plan: Plan, cards: Sequence[ModelCard]) -> ModelCard:
    """Return the last member's card with the new name and the digest of all training data."""
    data = hashlib.sha256("".join(each.training_data for each in cards).encode()).hexdigest()
    return replace(cards[-1], model_id=plan.params.model, training_data=data)


def _write_draft(plan: Plan, mean: MeanNet, model_card: ModelCard, draft: Path) -> None:
    amounts, seed = plan.params.amounts, plan.params.seed
    scenes = make_shards(plan.labeled("dev"), "dev", amounts.dev_shards, seed)
    plain = plan.made / "mean.onnx"
    write_model(graph(mean, mean.count * WIDTH), model_card, plain)
    tqdm.write("measure the ranges of 8 bits on scenes of the dev split")
    quantize.quantize(plain, scenes, draft)
    same = parity.same_label(draft, plain, scenes)
    tqdm.write(f"in 8 bits it calls {100 * same:.1f} of 100 windows of these scenes what it calls them in float")
