"""The evaluation of a candidate beside the current model, from their benchmark to the record of the decision."""

from pathlib import Path

from training.data.annotations import PEOPLE, PROGRAMS
from training.data.workspace import Workspace
from training.evaluation.error_analysis.benchmark import Benchmark, run_benchmark
from training.labels.open_workspace import count_labeled_by
from training.release.comparison import compare, regressions
from training.release.gate import decide
from training.release.record import ModelResult, Record, commit, now


def evaluate_candidate(candidate: Path, current: Path, benchmark: Benchmark, workspace: Workspace) -> Record:
    """Run both model files on the benchmark and decide; return the record, which is not written yet."""
    new, old = (run_benchmark(file, benchmark, workspace) for file in (candidate, current))
    clips = workspace.by_file
    figures, worse = compare(old, new, clips), regressions(old, new, clips)
    labeled = [count_labeled_by(whom, workspace, benchmark.split) for whom in (PEOPLE, PROGRAMS)]
    sides = ModelResult.of(new), ModelResult.of(old)
    return Record(*sides, benchmark, figures, worse, decide(figures, worse), commit(), now(), *labeled)
