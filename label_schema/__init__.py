"""The versioned labeling guideline, which defines the labels for labelers, training and the device.

load(version=None) -> Guideline     a version, the latest by default
carry_over(label, from, to)         the label in a later version, or None if the clip needs a new label
"""

from label_schema.errors import GuidelineError
from label_schema.guideline import Guideline, Label, Strip
from label_schema.versions import carry_over, load, versions

__all__ = ["Guideline", "GuidelineError", "Label", "Strip", "carry_over", "load", "versions"]
