"""A fixed benchmark: the same episodes and nights for every model, so that two models compare event by event."""

from dataclasses import dataclass
from pathlib import Path

from edge.detection import model_loading
from edge.detection.classifier import ModelCard
from edge.detection.decision_settings import Sensitivity
from training.data.workspace import Workspace
from training.evaluation.error_analysis.episode_set import NO_NIGHT, chunks, run_episode_set
from training.evaluation.nights import alarm_systems
from training.evaluation.nights.metrics import EventAnswer
from training.evaluation.nights.runner import NightRunConfig, recipes, run_nights
from training.evaluation.seeds import EPISODE_SEED, NIGHT_SEED
from training.model.files import file_digest
from training.model.load import open_model


@dataclass(frozen=True, slots=True)
class Benchmark:
    """The extent of a benchmark run. A release needs at least the defaults."""

    split: str = "test"
    episodes: int = 60
    """Composed episodes of every kind (four times as many with confusers), the same as in ``evaluate``."""
    hours: float = 24.0
    """Hours of nights, the same as in ``nights``."""
    episode_seed: int = EPISODE_SEED
    night_seed: int = NIGHT_SEED


@dataclass(frozen=True, slots=True)
class BenchmarkResult:
    """One model's answers at normal sensitivity. Two models on the same benchmark have the same night events."""

    card: ModelCard
    sha256: str
    """SHA-256 (hex) of the model's file."""
    answers: list[EventAnswer]

    @property
    def nights(self) -> list[EventAnswer]:
        """The answers without the composed episodes, which are no continuous time."""
        return [answer for answer in self.answers if answer.night_event.night != NO_NIGHT]


def run_benchmark(model: Path, benchmark: Benchmark, workspace: Workspace) -> BenchmarkResult:
    """Return a model's answers; kept scores are reused."""
    card = open_model(model).card
    thresholds = model_loading.operating_point(card, Sensitivity.NORMAL).thresholds
    wanted = chunks(benchmark.split, benchmark.episodes, benchmark.episode_seed)
    episodes = run_episode_set(model, wanted, thresholds, workspace)
    planned = recipes(benchmark.split, benchmark.hours, benchmark.night_seed)
    nights = run_nights(NightRunConfig(workspace, model), planned)
    return BenchmarkResult(card, file_digest(model), [*episodes, *alarm_systems.hushd_answers(nights, thresholds)])
