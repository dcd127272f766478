"""The record of a release decision: both models, the benchmark, the figures, the decision, its time and its commit.

It is ``release.json`` beside the candidate, and is valid for the two model files that it names by digest.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from edge.errors import ModelError
from training.evaluation.error_analysis.benchmark import Benchmark, BenchmarkResult
from training.evaluation.error_analysis.effect import Effect
from training.evaluation.error_analysis.paired import Difference
from training.pipeline.provenance import checkout
from training.release.comparison import Figure
from training.release.gate import Decision, Verdict
from training.storage.json import null_as_nan, write_json

RECORD = "release.json"


@dataclass(frozen=True, slots=True)
class ModelResult:
    """One of the two models."""

    model_id: str
    sha256: str
    """SHA-256 (hex) of model.onnx."""
    guideline: int
    training_data: str
    """Digest of the clips it was trained on."""

    @classmethod
    def of(cls, result: BenchmarkResult) -> Self:
        """Build it from the model's card."""
        card = result.card
        return cls(card.model_id, result.sha256, card.schema_version, card.training_data)


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
    """Commit of the deciding code, with a + for uncommitted changes; empty without git."""
    at: str
    """UTC, ISO 8601."""
    heard: int = 0
    """Number of the split's clips that people labeled; labels of other infants' clips are weak."""
    by_programs: int = 0
    """Number of the split's clips that only programs labeled."""

    def write(self, folder: Path) -> Path:
        """Write the record as JSON; return its path."""
        path = folder / RECORD
        write_json(path, asdict(self))
        return path

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the record of a model's folder; ModelError where it is missing or malformed."""
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
                heard=raw.get("heard", 0),  # absent in older records
                by_programs=raw.get("by_programs", 0),
            )
        except FileNotFoundError:
            raise ModelError(
                f"{folder.name} has no {RECORD}: run `python -m training compare {folder.name}` first"
            ) from None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ModelError(
                f"{path} is not a valid release record; write it again with `compare` ({error})"
            ) from error


def _difference(raw: dict[str, Any]) -> Difference:
    return Difference(**null_as_nan(raw))


def now() -> str:
    """Return the time, UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def commit() -> str:
    """Return the commit of this repository, with a + where sources differ from it; empty without git."""
    head, changed = checkout()
    return head + "+" * changed
