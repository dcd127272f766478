"""The exam every model sits: the same episodes of the test set, the same nights, so that two models can be compared act
by act.
"""

from dataclasses import dataclass
from pathlib import Path

from edge.detection import model_loading
from edge.detection.classifier import ModelCard
from edge.detection.decision_settings import Sensitivity
from training.data.workspace import Workplace
from training.evaluation.error_analysis.episode_set import NO_NIGHT, chunks, run_episode_set
from training.evaluation.nights import alarms
from training.evaluation.nights.questions import EventAnswer
from training.evaluation.nights.runner import NightRunConfig, recipes, run_nights
from training.evaluation.seeds import EPISODE_SEED, NIGHT_SEED
from training.model.files import file_digest
from training.model.load import open_model


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What is asked. The defaults are what a release is decided by."""

    split: str = "test"
    episodes: int = 60
    """Of every story, composed one by one (four times as many confusers): those that ``evaluate`` listens to."""
    hours: float = 24.0
    """Of nights: those that ``nights`` listens to."""
    episode_seed: int = EPISODE_SEED
    night_seed: int = NIGHT_SEED


@dataclass(frozen=True, slots=True)
class BenchmarkResult:
    """One model's answers, at normal sensitivity; those of another model on the same exam have the same acts."""

    card: ModelCard
    sha256: str
    """Of the model's file."""
    answers: list[EventAnswer]

    @property
    def nights(self) -> list[EventAnswer]:
        """Without the test set's episodes, which are no stretch of time."""
        return [answer for answer in self.answers if answer.act.night != NO_NIGHT]


def run_benchmark(model: Path, exam: Benchmark, place: Workplace) -> BenchmarkResult:
    """Answers of a model; what it has heard before is not played again."""
    card = open_model(model).card
    thresholds = model_loading.operating_point(card, Sensitivity.NORMAL).thresholds
    wanted = chunks(exam.split, exam.episodes, exam.episode_seed)
    episodes = run_episode_set(model, wanted, thresholds, place)
    studio = NightRunConfig(place.data, place.clips, place.work, model, None, place.jobs)
    nights = run_nights(studio, recipes(exam.split, exam.hours, exam.night_seed))
    return BenchmarkResult(card, file_digest(model), [*episodes, *alarms.hushd_answers(nights, thresholds)])
