"""The agreement page: every disagreement with audio and picture, and labelers' names escaped."""

import json
import re
from pathlib import Path

import pytest
import soundfile
from matplotlib.image import imread

from tests.support.small_store import labels, sound
from training.labels import importers
from training.labels.agreement import measure_agreement
from training.labels.disagreements import disagreements
from training.labels.records import guideline_of
from training.labels.report import write_report
from training.labels.run_import import ImportSettings, import_all
from training.labels.store import LabelStore


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on six clips, two of them with a disagreement."""
    folder = tmp_path_factory.mktemp("desk")
    for seed in range(6):
        sound(folder / "a & b <i>" / "none" / f"{seed}.wav", seed, seconds=0.5)
    with LabelStore(folder / "store", create=True) as store:
        import_all(store, importers.folder(folder / "a & b <i>"), ImportSettings())
        clips = store.clips()
        store.add([], labels(list(clips.values()), {"anna": "cfs...", "bo": "css.c."}))
        found = measure_agreement(store.labels(2), clips, 2, ["source"])
        groups = disagreements(store.labels(2), clips, guideline_of(2))
        for _ in range(2):  # the second run reuses the pictures
            page = write_report(store, found, groups, guideline_of(2), folder / "report", jobs=1)
    return page


def test_every_disagreement_has_audio_and_a_picture(report: Path) -> None:
    text = report.read_text()
    shown = re.findall(r'data-clip="([0-9a-f]{64})"', text)
    assert len(shown) == 2
    for kind in ("flac", "png"):
        files = [report.parent / address for address in re.findall(rf'src="(clips/[0-9a-f]+\.{kind})"', text)]
        assert len(files) == 2
        assert all(file.is_file() for file in files)
    assert len(list((report.parent / "clips").iterdir())) == 4
    samples, rate = soundfile.read(report.parent / "clips" / f"{shown[0]}.flac")
    assert (rate, len(samples)) == (16_000, 8_000)
    assert imread(report.parent / "clips" / f"{shown[0]}.png").shape[:2] == (64, 32)
    assert text.count('preload="none"') == text.count('loading="lazy"') == 2


def test_the_page_makes_no_requests_and_escapes_names(report: Path) -> None:
    text = report.read_text()
    assert not re.findall(r'(?:src|href)="(?!clips/|#)', text)
    assert "<i>," not in text
    assert "a &amp; b &lt;i&gt;" in text


def test_the_figures_are_json(report: Path) -> None:
    figures = json.loads((report.parent / "figures.json").read_text())
    assert figures["overall"]["clips"] == 6
    assert figures["overall"]["percent"]["value"] == pytest.approx(4 / 6)
    assert figures["labellers"][0]["gold"]["low"] is None  # JSON has no NaN
