"""Evaluate a model on a split: a report one can look at, and the same figures as JSON and on the terminal."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

import label_schema
from edge.detection import model_loading
from edge.detection.classifier import Classifier
from edge.detection.decision_settings import Sensitivity
from training.data.tagger_scores import load_tagger_scores
from training.data.workspace import Workplace
from training.evaluation import metrics, plots, runs, summary
from training.evaluation.clip_scores import ScoredClip, score_clips
from training.evaluation.runs import ROW_S
from training.model.operating_points import rings, run_decision
from training.storage.atomic import write_whole
from training.synthesis.feature_shards import open_library

WORST = 25
NARROW_HZ = 4_000.0
"""Most infant clips stop here, most others do not: a model that leans on that changes its mind when all stop here."""


def evaluate(
    model: Path, split: str, place: Workplace, each: int, seed: int, out: Path, row_s: float = ROW_S
) -> dict[str, Any]:
    """Write ``out``/report.html and figures.json; the figures are returned."""
    guideline = label_schema.load()
    labels = guideline.names
    card = Classifier.load(model, guideline).card
    thresholds = model_loading.operating_point(card, Sensitivity.NORMAL).thresholds
    library = open_library(place.data, place.clips, split, place.work)
    mine = [clip for clip in place.clips if clip.split == split]
    teachers = load_tagger_scores(place.data)
    clips = score_clips(model, mine, library, teachers, mixtures=each, seed=seed)
    narrow = score_clips(model, mine, library, teachers, mixtures=each, seed=seed, up_to_hz=NARROW_HZ)
    heard = runs.run_episodes(model, split, each, seed, place)
    none = runs.run_none_row(model, library, seed, row_s)
    criers = runs.run_criers(model, library)
    silent = [crier.kind.removeprefix("crier ") for crier in criers if not rings(crier.scores, thresholds)]
    auc, yamnet_auc = metrics.auc_beside_yamnet(clips, labels)
    found: dict[str, Any] = {
        "model_id": card.model_id,
        "split": split,
        "sensitivity": "normal",
        "rows": [asdict(row) for row in summary.summarize(heard, thresholds)],
        "none_hours": none.hours,
        "none_alerts": sum(event.kind == "cry_started" for event in run_decision(none.scores, thresholds)),
        "criers": len(criers),
        "criers_rang": len(criers) - len(silent),
        "silent_criers": silent,
        "clips": len(clips),
        "macro_f1": metrics.macro_f1(clips, labels),
        "auc": auc,
        "yamnet_auc": yamnet_auc,
        "recalls": metrics.recalls(clips, labels),
        "narrow_recalls": metrics.recalls(narrow, labels),
        "confusion": metrics.confusion(clips, labels).tolist(),
        "sources": [asdict(row) for row in metrics.by_source(clips, labels)],
        "worst": _worst(clips, labels),
    }
    write_whole(out / "figures.json", json.dumps(_nan_as_null(found), indent=1, allow_nan=False) + "\n")
    drawn = {
        "confusion": plots.confusion_picture(clips, labels),
        "sources_picture": plots.sources_picture(metrics.by_source(clips, labels)),
        "timelines": plots.timelines_picture(heard, thresholds, labels),
    }
    environment = Environment(
        loader=PackageLoader("training.evaluation", "."), autoescape=True, undefined=StrictUndefined
    )
    page = environment.get_template("report.html.j2")
    pages = {name: Markup(svg) for name, svg in drawn.items()}  # noqa: S704 - our own drawings
    write_whole(out / "report.html", page.render(**{**found, **pages}))
    return found


def as_text(found: dict[str, Any]) -> str:
    """The figures for a terminal and a card, in Markdown."""
    rows = [
        f"| {row['question']} | {row['value']:.1f} {row['unit']} | {row['low']:.1f} to {row['high']:.1f} "
        f"| {row['recordings']} |"
        for row in found["rows"]
    ]
    return "\n".join(
        [
            f"{found['model_id']} on the {found['split']} split, {found['sensitivity']} sensitivity",
            "",
            "| question | figure | 95 % interval | recordings |",
            "|---|---|---|---|",
            *rows,
            f"| alerts in {found['none_hours'] * 60:.0f} minutes of clips that are no cry, in a row "
            f"| {found['none_alerts']} | | 1 |",
            f"| infants whose crying clips, strung to 30 s, rang | {found['criers_rang']} of {found['criers']} | | |",
            f"| macro-F1 of 5 s clips, four labels | {found['macro_f1']:.3f} | | {found['clips']} |",
            f"| AUC of cry against none, real clips | {found['auc']:.3f} (YAMNet {found['yamnet_auc']:.3f}) | | |",
            *(
                f"| {label} told right, and when low-passed at {NARROW_HZ / 1000:.0f} kHz "
                f"| {100 * right:.1f} % and {100 * found['narrow_recalls'][label]:.1f} % | | |"
                for label, right in found["recalls"].items()
            ),
        ]
    )


def _nan_as_null(value: Any) -> Any:
    """JSON knows no NaN: where there is no figure, there is null."""
    match value:
        case dict():
            return {name: _nan_as_null(each) for name, each in value.items()}
        case list():
            return [_nan_as_null(each) for each in value]
        case float() if math.isnan(value):
            return None
    return value


def _worst(clips: Sequence[ScoredClip], labels: Sequence[str]) -> list[dict[str, Any]]:
    """The clips whose true label got the least."""
    told = zip(clips, metrics.confidence_counts(clips, labels), strict=True)
    wrong = [(clip, name) for clip, name in told if name != clip.truth]
    wrong.sort(key=lambda each: float(each[0].probabilities[labels.index(each[0].truth)]))
    return [
        {
            "name": clip.name,
            "truth": clip.truth,
            "labeller": clip.labeller,
            "said": name,
            "sure": float(clip.probabilities.max()),
        }
        for clip, name in wrong[:WORST]
    ]
