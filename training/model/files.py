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
