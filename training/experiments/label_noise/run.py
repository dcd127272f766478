"""Learn and judge every cell of the grid that is not in the ledger yet, on this machine's cores or a cluster's."""

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
    """What every net of a study shares."""

    train: Path
    """Stem of the examples to learn from."""
    test: Path
    """Stem of those to be judged on."""
    settings: TrainSettings


def run_grid(cells: Sequence[GridPoint], bench: RunContext, ledger: ResultsLog, jobs: int) -> list[Result]:
    """The outcome of every cell, in order; those in the ledger are not run again."""
    known = {outcome.cell: outcome for outcome in ledger.read()}
    missing = [cell for cell in cells if cell not in known]
    made: Iterable[Result] = Parallel(n_jobs=jobs, return_as="generator_unordered")(
        delayed(run_point)(cell, bench) for cell in missing
    )
    with tqdm(total=len(cells), initial=len(cells) - len(missing), desc="learn and judge", unit="net") as progress:
        for outcome in made:
            ledger.append(outcome)
            known[outcome.cell] = outcome
            progress.update()
    return [known[cell] for cell in cells]


def run_point(cell: GridPoint, bench: RunContext) -> Result:
    """Learn and judge one net."""
    began = time.thread_time()
    guideline = label_schema.load()
    pool, judged = Examples.load(bench.train), Examples.load(bench.test)
    chosen = draw(len(pool), cell.examples, cell.seed)
    truth = pool.labels[chosen]
    given = add_noise(truth, guideline, cell.noise, cell.seed)
    net = train(pool.frames[chosen], given, len(guideline.names), bench.settings, cell.seed)
    said = probabilities(net, judged.frames)
    return Result(
        cell,
        wrong=float((given != truth).mean()),
        macro_f1=float(f1_score(judged.labels, said.argmax(axis=1), average="macro", zero_division=0.0)),
        auc=_auc(judged.labels, said, guideline.names),
        cpu_s=round(time.thread_time() - began, 2),
    )


def _auc(truth: Labels, said: FloatArray, names: Sequence[str]) -> float:
    """Of crying or soothed-crying against none; fussing is neither."""
    cry = [names.index(name) for name in ("crying", "soothed-crying")]
    is_cry = np.isin(truth, cry)
    compared = is_cry | (truth == names.index("none"))
    return float(roc_auc_score(is_cry[compared], said[compared][:, cry].sum(axis=1)))
