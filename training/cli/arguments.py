"""argparse types: numbers and names with their accepted ranges."""

import argparse
import math
from collections.abc import Callable
from typing import TypeVar

from training.storage import names

_Value = TypeVar("_Value")

_MAX_SEED = 2**31 - 1
"""torch and numpy accept it even with a step number added."""
MIN_HOURS = 0.5
"""Shorter nights lack some kinds of events."""


def count(text: str) -> int:
    """Parse a whole number from 1."""
    return _whole_number(text, 1)


def seed(text: str) -> int:
    """Parse a random seed, a whole number from 0 to 2**31 - 1."""
    number = _whole_number(text, 0)
    if number > _MAX_SEED:
        raise argparse.ArgumentTypeError(f"must be at most {_MAX_SEED}, not {text}")
    return number


def share(text: str) -> float:
    """Parse a fraction from 0 to 1."""
    return validated(names.share, text)


def model_name(text: str) -> str:
    """Parse the name of a model, which is also the name of its folder."""
    return validated(names.model_name, text)


def hours(text: str) -> float:
    """Parse the total length of nights, hours from ``MIN_HOURS``."""
    number = float(text)
    if not MIN_HOURS <= number < math.inf:
        raise argparse.ArgumentTypeError(
            f"must be at least {MIN_HOURS} hours, not {text}: shorter nights lack some kinds of events"
        )
    return number


def validated(validate: Callable[[str], _Value], text: str) -> _Value:
    """Return ``validate(text)``; a ValueError becomes argparse's own error, whose message argparse prints."""
    try:
        return validate(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _whole_number(text: str, least: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise argparse.ArgumentTypeError(f"must be a whole number from {least}, not {text!r}")
    return number
