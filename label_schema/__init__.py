"""What the labels mean: the versioned guideline, read by people who label and by programs that train and listen.

load(version=None) -> Guideline     the latest by default
carry_over(label, from, to)         what an old label is worth; None: listen again
"""

from label_schema.errors import GuidelineError
from label_schema.guideline import Guideline, Label, Strip
from label_schema.versions import carry_over, load, versions

__all__ = ["Guideline", "GuidelineError", "Label", "Strip", "carry_over", "load", "versions"]
