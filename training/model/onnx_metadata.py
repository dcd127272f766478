"""Metadata of an ONNX model file."""

from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

from edge.errors import ModelError
from training.model.files import list_models


def read_metadata(model: Path) -> dict[str, str]:
    """Read the metadata of a model file; ModelError where it is missing or not ONNX."""
    try:
        return {each.key: each.value for each in onnx.load(model, load_external_data=False).metadata_props}
    except FileNotFoundError as error:
        raise ModelError(f"model {model} not found; {list_models(model.parent.parent)}") from error
    except OSError as error:
        raise ModelError(f"model {model} cannot be read: {error.strerror}; name a model.onnx file") from error
    except DecodeError as error:
        raise ModelError(f"model {model} is not a readable ONNX file ({error}); name a model.onnx file") from error
