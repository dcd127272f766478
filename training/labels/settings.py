"""Settings for the labels that training uses."""

from dataclasses import dataclass

from training.labels.consensus import Method


@dataclass(frozen=True, slots=True)
class LabelSettings:
    """How people's labels reach training."""

    store: str = "labels"
    """Folder of the label store."""
    given: str = ""
    """A consensus for clips of which the store says nothing; empty: their labels are weak. In ``readings/``, where
    ``dvc repro`` looks for changes.
    """
    method: Method = Method.MAJORITY
    sure: float = 0.5
    """A clip is undecided at or below this confidence."""
    examples: int = 4
    """Training scenes made of each labeled clip."""
