"""``audit`` from end to end: planted problems of a store or a data folder are found, shown and queued."""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from edge.errors import HushdError
from edge.records import FloatArray
from tests.support import audit_sounds as sounds
from tests.support.command_line import run
from training.labels.store import LabelStore

pytestmark = pytest.mark.slow

LABELS = ("crying", "none", "fussing")
CLIPS = 36
WRONG = (4, 15, 29)
"""Clips with the label of another sound."""


def plant(folder: Path) -> Path:
    """Write a table of clips: three sounds, some wrong labels, an altered copy in another split, one clipped clip."""
    clips: list[tuple[FloatArray, str, str, str]] = []
    for number in range(CLIPS):
        label = LABELS[(number + (number in WRONG)) % 3]
        group, split = f"infant:{number // 2}", "test" if number >= 30 else "train"
        clips.append((sounds.voice(number, seed=7), label, group, split))
    clips.append((sounds.quieter(clips[1][0]), "none", "infant:other", "test"))
    clips.append(((sounds.voice(99, seed=7) * 60).clip(-1, 1), "crying", "infant:loud", "train"))
    with (folder / "clips.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "label", "labeller", "group", "split"])
        for number, (samples, label, group, split) in enumerate(clips):
            sounds.write(folder / f"{number}.flac", samples)
            table.writerow([f"{number}.flac", label, "anna", group, split])
    return folder / "clips.csv"


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an audited store in ``store`` and its report in ``report``."""
    folder = tmp_path_factory.mktemp("audit")
    store_options = ("--store", folder / "store", "--jobs", "1")
    run("import", "csv", plant(folder), *store_options)
    run("audit", "--out", folder / "report", *store_options)
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


def of_kind(audited: Path) -> Mapping[str, Sequence[Mapping[str, str]]]:
    found = defaultdict(list)
    for row in rows(audited / "report" / "findings.csv"):
        found[row["kind"]].append(row)
    return found


def digests(audited: Path, *numbers: int) -> set[str]:
    """Return the digests of these clips."""
    with LabelStore(audited / "store") as store:
        sizes = {clip.size: name for name, clip in store.clips().items()}
    return {sizes[(audited / f"{number}.flac").stat().st_size] for number in numbers}


def test_planted_problems_are_found_and_ranked(audited: Path) -> None:
    found = of_kind(audited)
    (leak,) = found["leak"]
    assert {leak["clip"], leak["other_clip"]} == digests(audited, 1, CLIPS)
    assert "in the splits train and test" in leak["why"]
    assert digests(audited, *WRONG) <= {row["clip"] for row in found["label"]}
    assert len(found["label"]) <= len(WRONG) + 2
    assert [row["rank"] for row in found["label"]] == [str(rank + 1) for rank in range(len(found["label"]))]
    assert digests(audited, CLIPS + 1) == {row["clip"] for row in found["sound"] if "are clipped" in row["why"]}
    figures = json.loads((audited / "report" / "figures.json").read_text())
    assert figures["clips"] == CLIPS + 2
    assert figures["findings"]["leak"] == 1
    assert figures["labels"]["suspected"] == len(found["label"])


def test_the_queue_has_the_clips_to_relabel(audited: Path, tmp_path: Path) -> None:
    queue = [row["clip"] for row in rows(audited / "report" / "queue.csv")]
    assert digests(audited, *WRONG, CLIPS + 1) <= {*queue}
    assert len({*queue}) == len(queue)
    store_options = ("--store", tmp_path / "another", "--jobs", "1")
    run("import", "csv", audited / "report" / "clips.csv", *store_options)
    with LabelStore(tmp_path / "another") as store:
        assert {*store.clips()} == {*queue}
        assert store.labels() == []


def test_the_page_shows_every_finding_with_its_sound(audited: Path) -> None:
    page = (audited / "report" / "index.html").read_text()
    found = of_kind(audited)
    assert page.count('<article class="clip"') == sum(map(len, found.values()))
    files = re.findall(r'src="(clips/[0-9a-f]+\.(?:flac|png))"', page)
    assert all((audited / "report" / file).is_file() for file in files)
    assert len(files) == 2 * page.count('<div class="sound"')
    assert not re.findall(r'(?:src|href)="(?!clips/|#)', page)


def test_a_data_folder_is_audited_by_its_weak_labels(
    tiny_data: Path, work: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("audit", "--of", "data", "--data", tiny_data, "--work", work, "--out", tmp_path, "--jobs", "1")
    assert "38 clips; too few labels of too few kinds to find wrong ones" in capsys.readouterr().out
    assert {row["kind"] for row in rows(tmp_path / "findings.csv")} <= {"sound", "outlier"}


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    sounds.write(tmp_path / "clips" / "none" / "a.wav", np.ones(8_000, np.float32) * np.float32(0.1))
    run("import", "folder", tmp_path / "clips", "--store", tmp_path / "store", "--jobs", "1")
    next((tmp_path / "store").rglob("*.wav")).unlink()
    run("audit", "--store", tmp_path / "store", "--out", tmp_path / "report", "--jobs", "1")
    (row,) = rows(tmp_path / "report" / "findings.csv")
    assert row["why"].startswith("cannot read the file: No such file")
    assert "This clip cannot be played" in (tmp_path / "report" / "index.html").read_text()
    assert rows(tmp_path / "report" / "queue.csv") == []


def test_an_empty_store_is_one_line(tmp_path: Path) -> None:
    LabelStore(tmp_path / "store", create=True)
    with pytest.raises(HushdError, match="there are no clips to audit"):
        run("audit", "--store", tmp_path / "store")
