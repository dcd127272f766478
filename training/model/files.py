"""Files of models in the folder of models."""

import hashlib
from pathlib import Path

from edge.errors import ModelError
from training.storage.git import commit_with


def file_digest(model: Path) -> str:
    """SHA-256 (hex) of a model's file, operating points and all."""
    try:
        return hashlib.sha256(model.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(f"model {model} cannot be read: {error.strerror}; name a model.onnx file") from error


def model_file(models: Path, model_id: str) -> Path:
    """Return the path of a model's file.

    Raises ModelError if the folder has no such model; the message names the git command that restores a former one.
    """
    path = models / model_id / "model.onnx"
    if not path.is_file():
        commit = commit_with(models / model_id)
        restore = f", or restore it with `git -C {models} checkout {commit} -- {model_id}`" if commit else ""
        raise ModelError(f"model {model_id} not found; {list_models(models)}{restore}")
    return path


def list_models(models: Path) -> str:
    """Return the names of the folder's models and the remedy for a wrong name, for an error line."""
    names = sorted(each.parent.name for each in models.glob("*/model.onnx"))
    if names:
        return f"models in {models}: {', '.join(names)}: name one of them"
    return f"{models} contains no model: name another folder, or train a model with `python -m training train NAME`"
