"""Settings of the training labels."""

from dataclasses import dataclass

from training.labels.consensus import Method


@dataclass(frozen=True, slots=True)
class LabelSettings:
    """Settings that derive training labels from the label store."""

    store: str = "labels"
    """Folder of the label store."""
    given: str = ""
    """Consensus table for clips without a label in the store; empty for weak labels. It belongs in ``readings/``,
    where ``dvc repro`` detects changes.
    """
    method: Method = Method.MAJORITY
    sure: float = 0.5
    """Clips at or below this confidence stay undecided."""
    examples: int = 4
    """Training scenes composed from each labeled clip."""
