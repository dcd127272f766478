"""``combine``: a model that is the mean of others, in 8 bits, measured and described as a trained one is."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import ModelProto
from tqdm import tqdm

from edge.classifier import Classifier, ModelCard
from edge.errors import ModelError
from training import mean, quantize, thin
from training.export import export, net_of, write_model
from training.likeness import same_label
from training.operating_points import MEAN_SENSITIVITIES
from training.provenance import MEMBERS, THIN, recipe_digest
from training.shards import make_shards
from training.thin import ThinSettings
from training.train import Plan, bank, card, consensus, evaluate, provenance, with_points


def combine(plan: Plan, members: Sequence[str], thinning: ThinSettings | None = None) -> None:
    """``plan``'s model from its ``members``, named in the folder of models, with its card and report; thinned, if told
    how.
    """
    if len(set(members)) != len(members) or len(members) < 2:
        raise ModelError(f"a mean needs two or more different models, got {' '.join(members)}")
    files = {name: plan.models / name / "model.onnx" for name in members}
    cards = [Classifier.load(file, plan.params.taught).card for file in files.values()]
    digests = {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items()}
    wholes = {name: onnx.load(file) for name, file in files.items()}
    model = mean.mean_of(list(wholes.values()))  # a member that is none is refused before the data are read
    bank(plan)
    consensus(plan)
    of_model = _card(plan, cards)
    whole, plain, draft = (plan.made / f"{name}.onnx" for name in ("whole", "mean", "draft"))
    write_model(model, of_model, whole)
    if thinning:
        model = mean.mean_of([_thin(plan, of_model, digests[name], wholes[name], thinning) for name in members])
    write_model(model, of_model, plain)
    scenes = _dev_scenes(plan)
    tqdm.write("measure the ranges of 8 bits on scenes of the dev split")
    quantize.quantize(plain, scenes, draft)
    _tell_how_near(whole, draft, scenes)
    shaping = {MEMBERS: digests, **_shaping(plan, thinning)}
    came = replace(
        provenance(plan),
        recipe=recipe_digest(shaping, mean, quantize, thin),
        params=shaping,
        command=_command(plan, members, thinning),
    )
    of_model = with_points(plan, draft, MEAN_SENSITIVITIES)
    write_model(onnx.load(draft), of_model, plan.model, came.as_metadata())
    evaluate(plan)
    card(plan)


def _card(plan: Plan, cards: Sequence[ModelCard]) -> ModelCard:
    """The last member's, but for what it is called and what it learned from."""
    data = hashlib.sha256("".join(each.training_data for each in cards).encode()).hexdigest()
    return replace(cards[-1], model_id=plan.params.model, training_data=data)


def _shaping(plan: Plan, thinning: ThinSettings | None) -> dict[str, Any]:
    amounts, seed = plan.params.amounts, plan.params.seed
    kept: dict[str, Any] = {"dev_shards": amounts.dev_shards, "seed": seed}
    if thinning:
        kept |= {"shards": amounts.shards, "emphasize": plan.params.emphasize, THIN: asdict(thinning)}
    return kept


def _command(plan: Plan, members: Sequence[str], thinning: ThinSettings | None) -> str:
    how = f" --thin --steps {thinning.steps}" if thinning else ""
    return f"python -m training combine {plan.params.model} {' '.join(members)}{how}"


def _thin(plan: Plan, of_model: ModelCard, digest: str, whole: ModelProto, thinning: ThinSettings) -> ModelProto:
    """The member, thinned on the train split's scenes; one that is there is not thinned again."""
    amounts, seed, emphases = plan.params.amounts, plan.params.seed, plan.params.emphases
    scenes = make_shards(plan.data, plan.clips("train"), "train", amounts.shards, seed, plan.work, plan.jobs, emphases)
    made_of = {"whole": digest, "scenes": [str(path.relative_to(plan.work)) for path in scenes], THIN: asdict(thinning)}
    file = plan.work / "thin" / recipe_digest(made_of, thin)[:16] / "model.onnx"
    if not file.exists():
        torch.set_num_threads(plan.jobs)
        export(thin.thin(net_of(whole, len(of_model.labels)), scenes, thinning), of_model, file)
    return onnx.load(file)


def _dev_scenes(plan: Plan) -> list[Path]:
    amounts, seed = plan.params.amounts, plan.params.seed
    return make_shards(plan.data, plan.clips("dev"), "dev", amounts.dev_shards, seed, plan.work, plan.jobs)


def _tell_how_near(whole: Path, draft: Path, scenes: Sequence[Path]) -> None:
    """How well thinning and 8 bits kept what the whole mean says."""
    same = same_label(draft, whole, scenes)
    tqdm.write(f"of 100 windows of the dev split's scenes it calls {100 * same:.1f} what the whole mean calls them")
