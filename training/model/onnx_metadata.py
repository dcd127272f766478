"""Metadata of an ONNX model file."""

from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

from edge.errors import ModelError


def read_metadata(model: Path) -> dict[str, str]:
    """Read the metadata of a model file; ModelError where it is missing or not ONNX."""
    try:
        return {each.key: each.value for each in onnx.load(model, load_external_data=False).metadata_props}
    except FileNotFoundError as error:
        known = ", ".join(sorted(each.parent.name for each in model.parent.parent.glob("*/model.onnx"))) or "none"
        raise ModelError(f"model {model} not found; beside it there is {known}") from error
    except (OSError, DecodeError) as error:
        raise ModelError(f"model {model} is not a readable ONNX file: {error}") from error
