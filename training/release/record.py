"""The record of a comparison: who against whom, on what, with which figures, decided how, when and from which commit.

It lies beside the candidate, as ``release.json``, and holds for exactly the two files it names by digest.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from math import isnan, nan
from pathlib import Path
from typing import Any, Self

from edge.errors import ModelError
from training.evaluation.error_analysis.benchmark import Benchmark, BenchmarkResult
from training.evaluation.error_analysis.effect import Effect
from training.evaluation.error_analysis.paired import Difference
from training.pipeline.provenance import checkout
from training.release.comparison import Figure
from training.release.gate import Decision, Verdict
from training.storage.atomic import write_whole

RECORD = "release.json"


@dataclass(frozen=True, slots=True)
class ModelResult:
    """One of the two models."""

    model_id: str
    sha256: str
    """Of model.onnx."""
    guideline: int
    training_data: str
    """Digest."""

    @classmethod
    def of(cls, sitting: BenchmarkResult) -> Self:
        """As its file says."""
        card = sitting.card
        return cls(card.model_id, sitting.sha256, card.schema_version, card.training_data)


@dataclass(frozen=True, slots=True)
class Record:
    """A decided comparison."""

    candidate: ModelResult
    current: ModelResult
    exam: Benchmark
    figures: Sequence[Figure]
    fallen: Sequence[Effect]
    decision: Decision
    commit: str
    """Of the code that judged; with a + where the working tree had changes; empty without git."""
    at: str
    """UTC, ISO 8601."""
    heard: int = 0
    """Clips of the split that people listened to; labels of other infants' clips are weak."""
    by_programs: int = 0
    """Clips that only programs labeled."""

    def write(self, folder: Path) -> Path:
        """As JSON, whole or not at all."""
        path = folder / RECORD
        write_whole(path, json.dumps(asdict(self, dict_factory=_nan_as_null), indent=1, allow_nan=False) + "\n")
        return path

    @classmethod
    def read(cls, folder: Path) -> Self:
        """ModelError where there is none, or it is not one."""
        path = folder / RECORD
        try:
            raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                candidate=ModelResult(**raw["candidate"]),
                current=ModelResult(**raw["current"]),
                exam=Benchmark(**raw["exam"]),
                figures=[Figure(**{**each, "difference": _difference(each["difference"])}) for each in raw["figures"]],
                fallen=[Effect(**{**each, "failures": _difference(each["failures"])}) for each in raw["fallen"]],
                decision=Decision(
                    [Verdict(each) for each in raw["decision"]["verdicts"]],
                    raw["decision"]["passed"],
                    raw["decision"]["why"],
                ),
                commit=raw["commit"],
                at=raw["at"],
                heard=raw.get("heard", 0),  # records of before nobody's word counted
                by_programs=raw.get("by_programs", 0),
            )
        except FileNotFoundError:
            raise ModelError(
                f"{folder.name} has no {RECORD}: run `python -m training compare {folder.name}` first"
            ) from None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ModelError(f"{path} is no record of a release: write it anew with `compare` ({error})") from error


def _nan_as_null(items: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON knows no NaN: where there is no figure, there is null."""
    return {name: None if isinstance(value, float) and isnan(value) else value for name, value in items}


def _difference(raw: dict[str, Any]) -> Difference:
    known: dict[str, Any] = {name: nan if value is None else value for name, value in raw.items()}
    return Difference(**known)


def now() -> str:
    """UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def commit() -> str:
    """Of this repository; with a + where its sources differ from it; empty where there is no git."""
    head, changed = checkout()
    return head + "+" * changed
