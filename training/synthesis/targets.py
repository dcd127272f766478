"""Soft labels of windows, from their truth tracks and the guideline's thresholds; 0.5 at a threshold.

The softness is the uncertainty of a rule that counts seconds.
"""

import torch
from torch import Tensor

from label_schema import Guideline

SOFTNESS_S = 0.25
"""This many seconds beyond a threshold, the label's probability is 73 %."""


def window_labels(tracks: Tensor, guideline: Guideline, window_steps: int, step_s: float = 0.25) -> Tensor:
    """Return the label probabilities [scenes, windows, 4] of every window of ``window_steps`` steps, one a second.

    ``tracks`` [scenes, steps, 3]: fraction of each step that is cry, whimper, attending. Labels in schema order:
    crying, fussing, soothed-crying, none.
    """
    limits = guideline.thresholds
    every = round(1 / step_s)
    seconds = tracks.unfold(1, window_steps, every).sum(-1) * step_s
    cry_s, whimper_s, attending_s = seconds.unbind(-1)
    distress_s = cry_s + whimper_s

    def beyond(value_s: Tensor, limit: str, softness_s: float = SOFTNESS_S) -> Tensor:
        return torch.sigmoid((value_s - limits[limit]) / softness_s)

    soothed = beyond(attending_s, "soothed_min_adult_s") * beyond(cry_s, "soothed_min_cry_s")
    cry = beyond(cry_s, "crying_min_cry_s")
    any_distress = torch.maximum(beyond(distress_s, "fussing_min_distress_s", SOFTNESS_S / 3), cry)
    unsoothed = 1 - soothed
    return torch.stack(
        [unsoothed * cry, unsoothed * (any_distress - cry), soothed, unsoothed * (1 - any_distress)], dim=-1
    )
