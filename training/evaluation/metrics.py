"""Metrics of scored clips: by label, by source, and beside YAMNet on the same clips."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import confusion_matrix, f1_score, roc_auc_score

from training.evaluation.clip_scores import ScoredClip


@dataclass(frozen=True, slots=True)
class BySource:
    """Metrics of one source's clips of one kind."""

    source: str
    kind: str
    clips: int
    right: float
    """Fraction of clips whose most probable label is the true one."""
    auc: float
    """AUC of (crying or soothed-crying) against none on real clips: this source's against all of the other side; NaN
    without clips of both sides.
    """
    yamnet_auc: float
    """AUC of YAMNet's cry score on the same clips."""


def confusion(clips: Sequence[ScoredClip], labels: Sequence[str]) -> npt.NDArray[np.int64]:
    """Count clips: a row for each true label, a column for each most probable one."""
    truth = [clip.truth for clip in clips]
    return np.asarray(confusion_matrix(truth, predicted_labels(clips, labels), labels=list(labels)))


def macro_f1(clips: Sequence[ScoredClip], labels: Sequence[str]) -> float:
    """Return the mean of the labels' F1."""
    truth = [clip.truth for clip in clips]
    return float(
        f1_score(truth, predicted_labels(clips, labels), labels=list(labels), average="macro", zero_division=0.0)
    )


def recalls(clips: Sequence[ScoredClip], labels: Sequence[str]) -> dict[str, float]:
    """Return the recall of each label; NaN for a label without clips."""
    counts = confusion(clips, labels)
    return {
        label: float(row[index] / row.sum()) if row.sum() else float("nan")
        for index, (label, row) in enumerate(zip(labels, counts, strict=True))
    }


def predicted_labels(clips: Sequence[ScoredClip], labels: Sequence[str]) -> list[str]:
    """Return the most probable label of each clip."""
    return [labels[int(clip.probabilities.argmax())] for clip in clips]


def by_source(clips: Sequence[ScoredClip], labels: Sequence[str]) -> list[BySource]:
    """Return a row for each source and kind, the weakest first."""
    groups: dict[tuple[str, str], list[ScoredClip]] = defaultdict(list)
    for clip in clips:
        groups[clip.source, clip.kind].append(clip)
    rows = []
    for (source, kind), mine in groups.items():
        predicted = zip(predicted_labels(mine, labels), mine, strict=True)
        right = float(np.mean([label == clip.truth for label, clip in predicted]))
        if any(clip.truth == "none" for clip in mine):
            compared = mine + [clip for clip in clips if _is_cry(clip) and clip not in mine]
        else:
            compared = mine + [clip for clip in clips if clip.truth == "none"]
        rows.append(BySource(source, kind, len(mine), right, *auc_beside_yamnet(compared, labels)))
    return sorted(rows, key=lambda row: row.right)


def auc_beside_yamnet(clips: Sequence[ScoredClip], labels: Sequence[str]) -> tuple[float, float]:
    """Return hushd's and YAMNet's AUC of (crying or soothed-crying) against none on the real clips.

    Both are NaN without clips of both sides.
    """
    real = [clip for clip in clips if (_is_cry(clip) or clip.truth == "none") and not np.isnan(clip.yamnet)]
    truth = [_is_cry(clip) for clip in real]
    if len(set(truth)) < 2:
        return float("nan"), float("nan")
    cry_columns = [labels.index("crying"), labels.index("soothed-crying")]
    ours = [clip.probabilities[cry_columns].sum() for clip in real]
    return float(roc_auc_score(truth, ours)), float(roc_auc_score(truth, [clip.yamnet for clip in real]))


def _is_cry(clip: ScoredClip) -> bool:
    return clip.truth in ("crying", "soothed-crying")
