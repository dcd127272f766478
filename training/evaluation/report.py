"""The report on a model and a split: a page, the same figures as JSON, and a Markdown table."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

import label_schema
from edge.detection import model_loading
from edge.detection.classifier import Classifier
from edge.detection.decision_settings import Sensitivity, Thresholds
from training.data.tagger_scores import load_tagger_scores
from training.data.workspace import Workspace
from training.evaluation import metrics, plots, runs, summary
from training.evaluation.clip_scores import ScoredClip, score_clips
from training.evaluation.runs import ROW_S
from training.model.operating_points import ScoredStream, rings, run_decision
from training.rendering import markdown_table, render_template
from training.storage.atomic import write_table, write_whole
from training.storage.json import write_json
from training.synthesis.feature_shards import open_library

WORST = 25
"""Number of wrong clips listed."""
NARROW_HZ = 4_000.0
"""Most infant clips have no sound above this frequency and most others have. A model that relies on that difference
changes its labels when all clips are low-passed here.
"""


@dataclass(frozen=True, slots=True)
class _Results:
    """All that the model scored."""

    clips: Sequence[ScoredClip]
    narrow: Sequence[ScoredClip]
    """The same clips, low-passed."""
    episodes: Sequence[ScoredStream]
    none_row: ScoredStream
    criers: Sequence[ScoredStream]


def evaluate(
    model: Path, split: str, workspace: Workspace, each: int, seed: int, out: Path, row_s: float = ROW_S
) -> dict[str, Any]:
    """Write ``out``/report.html, figures.json and confusion.csv; return the figures."""
    guideline = label_schema.load()
    classifier = Classifier.load(model, guideline)
    thresholds = model_loading.operating_point(classifier.card, Sensitivity.NORMAL).thresholds
    results = _score(model, classifier, split, workspace, each, seed, row_s)
    about = {"model_id": classifier.card.model_id, "split": split, "sensitivity": "normal"}
    figures = {**about, **_figures(results, thresholds, guideline.names)}
    write_json(out / "figures.json", figures)
    _write_confusion(out / "confusion.csv", results.clips, guideline.names)
    values = {**figures, **_drawings(results, thresholds, guideline.names)}
    write_whole(out / "report.html", render_template("training.evaluation", "report.html.j2", **values))
    return figures


def _score(
    model: Path, classifier: Classifier, split: str, workspace: Workspace, each: int, seed: int, row_s: float
) -> _Results:
    library, tagger_scores = open_library(workspace, split), load_tagger_scores(workspace.data)
    clips = workspace.clips_of(split)
    return _Results(
        score_clips(classifier, clips, library, tagger_scores, mixtures=each, seed=seed),
        score_clips(classifier, clips, library, tagger_scores, mixtures=each, seed=seed, up_to_hz=NARROW_HZ),
        runs.run_episodes(model, split, each, seed, workspace),
        runs.run_none_row(classifier, library, seed, row_s),
        runs.run_criers(classifier, library),
    )


def _figures(results: _Results, thresholds: Thresholds, labels: Sequence[str]) -> dict[str, Any]:
    clips, criers, none = results.clips, results.criers, results.none_row
    silent = [crier.kind.removeprefix("crier ") for crier in criers if not rings(crier.scores, thresholds)]
    auc, yamnet_auc = metrics.auc_beside_yamnet(clips, labels)
    return {
        "rows": [row.as_record() for row in summary.summarize(results.episodes, thresholds)],
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
        "narrow_recalls": metrics.recalls(results.narrow, labels),
        "confusion": metrics.confusion(clips, labels).tolist(),
        "sources": [asdict(row) for row in metrics.by_source(clips, labels)],
        "worst": _worst(clips, labels),
    }


def _drawings(results: _Results, thresholds: Thresholds, labels: Sequence[str]) -> dict[str, Markup]:
    drawn = {
        "confusion": plots.confusion_picture(results.clips, labels),
        "sources_picture": plots.sources_picture(metrics.by_source(results.clips, labels)),
        "timelines": plots.timelines_picture(results.episodes, thresholds, labels),
    }
    return {name: Markup(svg) for name, svg in drawn.items()}  # noqa: S704 - our own drawings


def as_text(figures: Mapping[str, Any]) -> str:
    """Format the figures as a Markdown table, for the terminal and for the model card."""
    episodes = [
        [
            row["question"],
            f"{row['value']:.1f} {row['unit']}",
            f"{row['low']:.1f} to {row['high']:.1f}",
            str(row["recordings"]),
        ]
        for row in figures["rows"]
    ]
    table = markdown_table(["question", "figure", "95 % interval", "recordings"], [*episodes, *_clip_cells(figures)])
    head = f"{figures['model_id']} on the {figures['split']} split, {figures['sensitivity']} sensitivity"
    return f"{head}\n\n{table}"


def _clip_cells(figures: Mapping[str, Any]) -> list[list[str]]:
    """Return the table's rows on real clips: in a row, by infant, and one by one."""
    minutes = figures["none_hours"] * 60
    row = [f"alerts in {minutes:.0f} minutes of clips that are no cry, in a row", str(figures["none_alerts"]), "", "1"]
    criers = f"{figures['criers_rang']} of {figures['criers']}"
    auc = f"{figures['auc']:.3f} (YAMNet {figures['yamnet_auc']:.3f})"
    narrow = f"right, and when low-passed at {NARROW_HZ / 1000:.0f} kHz"
    recalls = [
        [f"{label} told {narrow}", f"{100 * right:.1f} % and {100 * figures['narrow_recalls'][label]:.1f} %", "", ""]
        for label, right in figures["recalls"].items()
    ]
    return [
        row,
        ["infants whose crying clips, strung to 30 s, rang", criers, "", ""],
        ["macro-F1 of 5 s clips, four labels", f"{figures['macro_f1']:.3f}", "", str(figures["clips"])],
        ["AUC of cry against none, real clips", auc, "", ""],
        *recalls,
    ]


def _write_confusion(path: Path, clips: Sequence[ScoredClip], labels: Sequence[str]) -> None:
    """Write the true and the most probable label of every clip, which DVC plots as a confusion matrix."""
    predicted = metrics.predicted_labels(clips, labels)
    write_table(
        path, ("truth", "predicted"), [(clip.truth, label) for clip, label in zip(clips, predicted, strict=True)]
    )


def _worst(clips: Sequence[ScoredClip], labels: Sequence[str]) -> list[dict[str, Any]]:
    """Return the wrong clips whose true label has the lowest probabilities."""
    labeled = zip(clips, metrics.predicted_labels(clips, labels), strict=True)
    wrong = [(clip, name) for clip, name in labeled if name != clip.truth]
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
