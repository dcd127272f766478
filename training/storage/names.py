"""Names and shares that users type: plain validators that raise ValueError."""

import re


def model_name(text: str) -> str:
    """Return the name of a model and of its folder; raise ValueError where it cannot be one."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", text):
        raise ValueError(f"must be a name such as cry-2: letters, digits, - _ and ., not {text!r}")
    return text


def share(text: str) -> float:
    """Return a fraction, 0 to 1; raise ValueError where it is not one."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise ValueError(f"must be a number from 0 to 1, not {text!r}")
    return number
