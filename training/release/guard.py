"""The guard of shipped models: their names are not reused, because cards and rollback depend on their files."""

import re
from pathlib import Path

from edge.errors import ModelError
from training.release.history import CURRENT, current_model, read_history


def refuse_shipped(models: Path, name: str) -> None:
    """Raise ModelError with a free name where the model of this name ships or has shipped."""
    shipped = {model for step in read_history(models) for model in (step.model_id, step.before)}
    if (models / CURRENT).is_file():
        shipped.add(current_model(models))
    if name in shipped:
        free = _next(name, shipped | {path.name for path in models.iterdir()})
        raise ModelError(
            f"{name} ships, or has shipped, and stays as it is: name the next candidate, such as {free}"
            f" (for `dvc repro`: `model: {free}` in params.yaml)"
        )


def _next(name: str, known: set[str]) -> str:
    """Return the same name with the number after the highest one among ``known``.

    A missing number is not reused: a candidate that was deleted without shipping may have had it.
    """
    stem, digits = re.fullmatch(r"(.*?-?)(\d*)", name).groups()  # type: ignore[union-attr] # any name fits
    stem = stem if digits else f"{name}-"
    numbers = [int(each.removeprefix(stem)) for each in known if re.fullmatch(rf"{re.escape(stem)}\d+", each)]
    return f"{stem}{max([*numbers, 1]) + 1}"
