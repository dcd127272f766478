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
        free = _next(models, name)
        raise ModelError(
            f"{name} ships, or has shipped, and stays as it is: name the next candidate, such as {free}"
            f" (for `dvc repro`: `model: {free}` in params.yaml)"
        )


def _next(models: Path, name: str) -> str:
    """Return the name with the next free number."""
    stem, digits = re.fullmatch(r"(.*?-?)(\d*)", name).groups()  # type: ignore[union-attr] # any name fits
    number = int(digits or 1) + 1
    while (models / (free := f"{stem if digits else f'{name}-'}{number}")).exists():
        number += 1
    return free
