"""The exam every model sits: the same episodes of the test set, the same nights, so that two models can be compared act
by act.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from edge import hearing
from edge.classifier import ModelCard
from edge.configuration import Sensitivity
from edge.errors import ModelError
from training import train
from training.errors.test_set import NO_NIGHT, chunks, hear_test_set
from training.listener import open_model
from training.nights import command, verdicts
from training.nights.hear import Studio, hear_nights, recipes
from training.nights.judge import Answer
from training.provenance import commit_with
from training.streams import Workplace


@dataclass(frozen=True, slots=True)
class Exam:
    """What is asked. The defaults are what a release is decided by."""

    split: str = "test"
    episodes: int = 60
    """Of every story, composed one by one (four times as many confusers): those that ``evaluate`` listens to."""
    hours: float = 24.0
    """Of nights: those that ``nights`` listens to."""
    episode_seed: int = train.TEST_SEED
    night_seed: int = command.TEST_SEED


@dataclass(frozen=True, slots=True)
class Sitting:
    """One model's answers, at normal sensitivity; those of another model on the same exam have the same acts."""

    card: ModelCard
    sha256: str
    """Of the model's file."""
    answers: list[Answer]

    @property
    def nights(self) -> list[Answer]:
        """Without the test set's episodes, which are no stretch of time."""
        return [answer for answer in self.answers if answer.act.night != NO_NIGHT]


def sit(model: Path, exam: Exam, place: Workplace) -> Sitting:
    """Answers of a model; what it has heard before is not played again."""
    card = open_model(model).card
    thresholds = hearing.thresholds(Sensitivity.NORMAL, card)
    wanted = chunks(exam.split, exam.episodes, exam.episode_seed)
    episodes = hear_test_set(model, wanted, thresholds, place)
    studio = Studio(place.data, place.clips, place.work, model, None, place.jobs)
    nights = hear_nights(studio, recipes(exam.split, exam.hours, exam.night_seed))
    return Sitting(card, file_digest(model), [*episodes, *verdicts.hushd(nights, thresholds)])


def file_digest(model: Path) -> str:
    """SHA-256 (hex) of a model's file, operating points and all."""
    try:
        return hashlib.sha256(model.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(f"model {model} cannot be read: {error.strerror}") from error


def model_file(models: Path, model_id: str) -> Path:
    """Return the path of a model's file.

    Raises ModelError if the folder has no such model; the message names the git command that restores a former one.
    """
    path = models / model_id / "model.onnx"
    if not path.is_file():
        known = ", ".join(sorted(each.parent.name for each in models.glob("*/model.onnx"))) or "none"
        commit = commit_with(models / model_id)
        restore = f"; restore it with `git -C {models} checkout {commit} -- {model_id}`" if commit else ""
        raise ModelError(f"no model {model_id} in {models}: there is {known}{restore}")
    return path
