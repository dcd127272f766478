"""The parameters of a candidate: ``params.yaml``, read by ``train`` and by every stage of ``dvc repro``."""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import label_schema
from edge.config.typed_yaml import parse
from edge.errors import ConfigurationError
from label_schema import Guideline
from training.evaluation.runs import ROW_S
from training.labels.settings import LabelSettings
from training.model.trainer import FitSettings
from training.storage.names import model_name
from training.storage.paths import REPOSITORY
from training.synthesis.oversampling import Oversampling, parse_oversampling

PARAMS = REPOSITORY / "params.yaml"


@dataclass(frozen=True, slots=True)
class Amounts:
    """Amounts of scenes, nights and episodes; the defaults made the shipped model."""

    shards: int = 300
    """Training scenes / 64."""
    dev_shards: int = 8
    dev_hours: float = 24.0
    """Hours of dev nights that measure the operating points."""
    test_episodes: int = 60
    """Composed episodes of each kind that measure the model."""
    row_s: float = ROW_S
    """Seconds of test clips without a cry, played in a row."""

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value <= 0:
                raise ValueError(f"{name} must be more than 0, is {value}")


REHEARSAL = Amounts(shards=1, dev_shards=1, dev_hours=0.5, test_episodes=1, row_s=60.0)
"""The smallest amounts: they show that every step runs, and the model is worth nothing."""


@dataclass(frozen=True, slots=True)
class NightParams:
    """The nights that a candidate is measured on."""

    hours: float = 24.0
    seed: int = 21


@dataclass(frozen=True, slots=True)
class Params:
    """All parameters of a model, besides code, data, labels and guideline."""

    model: str = "candidate"
    data: str = "../shared/data"
    guideline: int = 0
    """Version; 0: the latest."""
    seed: int = 1
    steps: int = FitSettings().steps
    emphasize: str = ""
    """``TRAIT=VALUE:SHARE``, several with commas between them; see ``synthesis.oversampling``."""
    labels: LabelSettings = field(default_factory=LabelSettings)
    amounts: Amounts = field(default_factory=Amounts)
    nights: NightParams = field(default_factory=NightParams)

    def __post_init__(self) -> None:
        for name, check in (("model", lambda: model_name(self.model)), ("emphasize", lambda: self.emphases)):
            try:
                check()
            except ValueError as error:
                raise ValueError(f"{name} {error}") from error

    @property
    def emphases(self) -> tuple[Oversampling, ...]:
        """The slices that are oversampled in the training scenes."""
        return tuple(parse_oversampling(each.strip()) for each in self.emphasize.split(",") if each.strip())

    @property
    def guideline_record(self) -> Guideline:
        """The guideline of the labels; ConfigurationError unless it is the latest, which alone the device accepts."""
        latest = label_schema.load()
        if self.guideline not in (0, latest.version):
            raise ConfigurationError(
                f"params.yaml asks for guideline {self.guideline}, but the device accepts the latest only: set"
                f" `guideline: {latest.version}` once its labels are there (`python -m training migrate`)"
            )
        return latest

    @property
    def command(self) -> str:
        """The command that trains this model, given the rest of ``params.yaml``."""
        how = "--rehearse" if self.amounts == REHEARSAL else f"--shards {self.amounts.shards}"
        more = [f"--emphasize '{each}'" for each in self.emphases]
        options = " ".join([how, f"--steps {self.steps}", f"--seed {self.seed}", *more])
        return f"python -m training train {self.model} {options}"

    def shaping(self) -> dict[str, Any]:
        """Return the parameters that shape the network, without its name, paths and measurements."""
        kept = asdict(replace(self, guideline=self.guideline_record.version))
        for name in ("model", "data", "nights"):
            del kept[name]
        del kept["labels"]["store"], kept["labels"]["given"]
        return kept


def read_params(path: Path = PARAMS) -> Params:
    """Read the file and make its paths absolute; ConfigurationError names the line that is wrong."""
    try:
        params = parse(path.read_text(encoding="utf-8"), Params, str(path))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    home = path.absolute().parent
    given = params.labels.given and str(home / params.labels.given)
    labels = replace(params.labels, store=str(home / params.labels.store), given=given)
    return replace(params, data=str(home / params.data), labels=labels)
