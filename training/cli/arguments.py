"""Numbers and names on the command line; argparse refuses the others in one line."""

import argparse
import math
from collections.abc import Callable
from typing import TypeVar

from training.storage import names

_Value = TypeVar("_Value")

_LARGEST_SEED = 2**31 - 1
"""torch and numpy both take it, with a step's number beside it."""


def count(text: str) -> int:
    """A whole number from 1."""
    return _whole(text, 1)


def seed(text: str) -> int:
    """What random numbers begin with: a whole number from 0."""
    number = _whole(text, 0)
    if number > _LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"must be at most {_LARGEST_SEED}, not {text}")
    return number


def share(text: str) -> float:
    """A fraction, 0 to 1."""
    return checked(names.share, text)


def model_name(text: str) -> str:
    """The name of a model and of its folder."""
    return checked(names.model_name, text)


def checked(validate: Callable[[str], _Value], text: str) -> _Value:
    """Return the validated value; argparse shows the message of its own error only."""
    try:
        return validate(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _whole(text: str, least: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise argparse.ArgumentTypeError(f"must be a whole number from {least}, not {text!r}")
    return number


SHORTEST_H = 0.5


def hours(text: str) -> float:
    """So many that every kind of act is heard."""
    number = float(text)
    if not SHORTEST_H <= number < math.inf:
        raise argparse.ArgumentTypeError(f"at least {SHORTEST_H} hours: fewer hold no act of every kind")
    return number
