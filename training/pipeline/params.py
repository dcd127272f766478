"""What a candidate is made from: ``params.yaml``, read by ``train`` and by every stage of ``dvc repro``."""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import label_schema
from edge.config.typed_yaml import parse
from edge.errors import ConfigurationError
from label_schema import Guideline
from training.evaluation.runs import ROW_S
from training.labels.settings import LabelParams
from training.model.trainer import FitSettings
from training.storage.names import model_name
from training.storage.paths import REPOSITORY
from training.synthesis.oversampling import Oversampling, parse_oversampling

PARAMS = REPOSITORY / "params.yaml"


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much is composed and listened to; the defaults made the shipped model."""

    shards: int = 300
    """Training scenes / 64."""
    dev_shards: int = 8
    dev_hours: float = 24.0
    """Nights of the dev split, to measure the operating points."""
    test_episodes: int = 60
    """To measure the model."""
    row_s: float = ROW_S
    """Clips that are no cry, played in a row, on the test split."""

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value <= 0:
                raise ValueError(f"{name} must be more than 0, is {value}")


REHEARSAL = Amounts(shards=1, dev_shards=1, dev_hours=0.5, test_episodes=1, row_s=60.0)
"""Shows that every step runs; what comes out is worth nothing."""


@dataclass(frozen=True, slots=True)
class NightParams:
    """The nights a candidate is judged on."""

    hours: float = 24.0
    seed: int = 21


@dataclass(frozen=True, slots=True)
class Params:
    """All that decides what comes out, besides code, data, labels and guideline."""

    model: str = "candidate"
    data: str = "../shared/data"
    guideline: int = 0
    """Version; 0: the latest."""
    seed: int = 1
    steps: int = FitSettings().steps
    emphasize: str = ""
    """``TRAIT=VALUE:SHARE``, several with commas between them; see ``emphasis``."""
    labels: LabelParams = field(default_factory=LabelParams)
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
        """What is mixed into the training scenes."""
        return tuple(parse_oversampling(each.strip()) for each in self.emphasize.split(",") if each.strip())

    @property
    def taught(self) -> Guideline:
        """The guideline; ConfigurationError unless it is the latest, for the device takes no other."""
        latest = label_schema.load()
        if self.guideline not in (0, latest.version):
            raise ConfigurationError(
                f"params.yaml asks for guideline {self.guideline}, but the device takes the latest only: set"
                f" `guideline: {latest.version}` once its labels are there (`python -m training migrate`)"
            )
        return latest

    @property
    def command(self) -> str:
        """The line that trains this model, given the rest of ``params.yaml``."""
        how = "--rehearse" if self.amounts == REHEARSAL else f"--shards {self.amounts.shards}"
        more = [f"--emphasize '{each}'" for each in self.emphases]
        options = " ".join([how, f"--steps {self.steps}", f"--seed {self.seed}", *more])
        return f"python -m training train {self.model} {options}"

    def shaping(self) -> dict[str, Any]:
        """Those that shape the net: not its name, not where things lie, not how it is judged."""
        kept = asdict(replace(self, guideline=self.taught.version))
        for name in ("model", "data", "nights"):
            del kept[name]
        del kept["labels"]["store"], kept["labels"]["given"]
        return kept


def read_params(path: Path = PARAMS) -> Params:
    """The file, the paths in it made absolute; ConfigurationError names the line that is wrong."""
    try:
        params = parse(path.read_text(encoding="utf-8"), Params, str(path))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    home = path.absolute().parent
    given = params.labels.given and str(home / params.labels.given)
    labels = replace(params.labels, store=str(home / params.labels.store), given=given)
    return replace(params, data=str(home / params.data), labels=labels)
