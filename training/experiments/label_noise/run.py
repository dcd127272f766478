"""Training and measuring of every grid point that is not in the results log, on this machine or on a cluster."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from sklearn.metrics import f1_score, roc_auc_score
from tqdm import tqdm

import label_schema
from edge.records import FloatArray
from training.experiments.label_noise.examples import Examples, Labels
from training.experiments.label_noise.grid import GridPoint, Result, draw
from training.experiments.label_noise.noise import add_noise
from training.experiments.label_noise.results_log import ResultsLog
from training.experiments.label_noise.trainer import TrainSettings, probabilities, train


@dataclass(frozen=True, slots=True)
class RunContext:
    """All that the networks of an experiment share."""

    train: Path
    """Stem of the examples to learn from."""
    test: Path
    """Stem of the examples to measure on."""
    settings: TrainSettings


def run_grid(points: Sequence[GridPoint], context: RunContext, log: ResultsLog, jobs: int) -> list[Result]:
    """Return the result of every grid point in order, after the missing ones are run."""
    known = {result.cell: result for result in log.read()}
    missing = [point for point in points if point not in known]
    made: Iterable[Result] = Parallel(n_jobs=jobs, return_as="generator_unordered")(
        delayed(run_point)(point, context) for point in missing
    )
    with tqdm(total=len(points), initial=len(points) - len(missing), desc="learn and judge", unit="net") as progress:
        for result in made:
            log.append(result)
            known[result.cell] = result
            progress.update()
    return [known[point] for point in points]


def run_point(point: GridPoint, context: RunContext) -> Result:
    """Train and measure one network."""
    began = time.thread_time()
    guideline = label_schema.load()
    pool, judged = Examples.load(context.train), Examples.load(context.test)
    chosen = draw(len(pool), point.examples, point.seed)
    truth = pool.labels[chosen]
    given = add_noise(truth, guideline, point.noise, point.seed)
    net = train(pool.frames[chosen], given, len(guideline.names), context.settings, point.seed)
    predicted = probabilities(net, judged.frames)
    return Result(
        point,
        wrong=float((given != truth).mean()),
        macro_f1=float(f1_score(judged.labels, predicted.argmax(axis=1), average="macro", zero_division=0.0)),
        auc=_auc(judged.labels, predicted, guideline.names),
        cpu_s=round(time.thread_time() - began, 2),
    )


def _auc(truth: Labels, predicted: FloatArray, names: Sequence[str]) -> float:
    """Return the AUC of crying or soothed-crying against none; fussing clips are left out."""
    cry = [names.index(name) for name in ("crying", "soothed-crying")]
    is_cry = np.isin(truth, cry)
    compared = is_cry | (truth == names.index("none"))
    return float(roc_auc_score(is_cry[compared], predicted[compared][:, cry].sum(axis=1)))
