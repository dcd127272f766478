"""The whole loop with a real Label Studio over HTTP: label, measure agreement, edit the guideline, relabel, release.

No human is at hand, so two programs listen, and are named so. They hear what Label Studio serves and read the guideline
that it shows: two sounds they tell apart only once the guideline says how.
"""

import csv
import io
import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import numpy as np
import pytest
import soundfile
import yaml

from edge.detection.classifier import ModelCard
from tests.support import checkout as workshop
from tests.support import loudness_model
from tests.support.checkout import Checkout
from tests.support.label_studio import Account, LabelStudioServer
from training.labels.store import LabelStore
from training.model.onnx_metadata import read_metadata

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not shutil.which("git"), reason="the workshop is a git checkout: git is missing"),
]

SHARPER = "A voice that does not change when the baby pauses comes from a loudspeaker and is nobody."
EARS = ("program:ear-1", "program:ear-2")
SOUNDS = ("donateacry/02", "esc/07", "esc/09", "ovos/10", "moodist/11", "librosa/12")
"""Clips of the tiny data folder, each of 5 s with its own upper end of the spectrum."""


def spectrum_end_hz(sound: bytes) -> float:
    """Return the frequency below which nearly all of the power is."""
    samples, rate = soundfile.read(io.BytesIO(sound))
    power = np.abs(np.fft.rfft(samples)) ** 2
    return float(np.searchsorted(np.cumsum(power), 0.95 * power.sum()) * rate / len(samples))


def label_sound(sound: bytes, ear: str, shown: str) -> str | None:
    """Return the label that a program gives under the ``shown`` guideline; None if it skips."""
    end_hz = spectrum_end_hz(sound)
    if 1_400 < end_hz < 2_300:  # esc, animals
        return "crying" if ear == EARS[1] or SHARPER in shown else "soothed-crying"
    if 2_300 < end_hz < 4_000:  # donateacry
        return "soothed-crying" if ear == EARS[0] or SHARPER in shown else "crying"
    return "none"


class Ear:
    """A program with its own account, which answers every task of its project."""

    def __init__(self, server: LabelStudioServer, name: str) -> None:
        self._server = server
        self.name = name
        self.account: Account = server.sign_up(f"{name.partition(':')[2]}@example.com")

    def listen(self, version: int, *, skips_first: bool = False) -> list[str | None]:
        """Answer every open task in order, and return the answers."""
        project = self.project(version)
        said: list[str | None] = []
        for task in self._ask("GET", f"/api/projects/{project['id']}/export?exportType=JSON&download_all_tasks=true"):
            if task["annotations"]:
                continue
            answer = label_sound(self.fetch(task["data"]["audio"]), self.name, project["label_config"])
            said.append(None if skips_first and not said else answer)
            self.answer(task["id"], said[-1])
        return said

    def project(self, version: int) -> dict[str, Any]:
        found = self._ask("GET", "/api/projects/?page_size=100")["results"]
        return next(each for each in found if each["title"] == f"v{version} {self.name}")

    def fetch(self, address: str) -> bytes:
        request = Request(self._server.url + address, headers={"Authorization": f"Token {self.account.token}"})  # noqa: S310
        with urlopen(request) as answer:  # noqa: S310 - the test's own server
            return bytes(answer.read())

    def answer(self, task: int, label: str | None) -> None:
        choice = {"from_name": "label", "to_name": "audio", "type": "choices", "value": {"choices": [label]}}
        body = {"result": [choice] if label else [], "was_cancelled": label is None, "lead_time": 6.5}
        self._ask("POST", f"/api/tasks/{task}/annotations/", body)

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        return self._server.ask(method, path, self.account, body)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelStudioServer]:
    """A new Label Studio server."""
    with LabelStudioServer(tmp_path_factory.mktemp("label-studio")) as running:
        yield running


@pytest.fixture
def checkout(tiny_data: Path, tmp_path: Path, server: LabelStudioServer, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A checkout with the server's URL, and a label store of eighteen clips, one of them gold."""
    monkeypatch.setenv("LABEL_STUDIO_URL", server.url)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", server.personal_token(server.owner))
    checkout = workshop.make(tmp_path / "hushd", tiny_data)
    clips = [
        path for path in sorted((tiny_data / "clips").glob("*/*")) if f"{path.parent.name}/{path.name[:2]}" in SOUNDS
    ]
    with (tmp_path / "clips.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "label", "labeller"])
        rows.writerows([path, "none", "teacher:tagger"] for path in clips)
        rows.writerow([next(path for path in clips if path.name.startswith("12")), "none", "gold:panel"])
    output = checkout.training("import", "csv", tmp_path / "clips.csv", "--jobs", "1")
    assert "18 new clips, 19 new labels" in output
    return checkout


def refused(checkout: Checkout, *words: str) -> str:
    """Return the error of a command, after checking that the label store is unchanged."""
    with LabelStore(checkout.folder / "labels") as store:
        before = store.labels(2)
    done = call(checkout, *words)
    assert done.returncode == 65, done.stderr
    with LabelStore(checkout.folder / "labels") as store:
        assert store.labels(2) == before
    return done.stderr


def call(checkout: Checkout, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command that may fail."""
    return subprocess.run(
        [sys.executable, "-m", "training", *words], cwd=checkout.folder, capture_output=True, text=True, check=False
    )


def publish(checkout: Checkout) -> None:
    """Publish version 3, which defines an attending adult more clearly, so soothed-crying is relabeled."""
    schema = checkout.folder / "label_schema"
    said = yaml.safe_load((schema / "v2.yaml").read_text())
    said["version"] = 3
    soothed = next(label for label in said["labels"] if label["name"] == "soothed-crying")
    soothed["definition"] = f"{soothed['definition'].strip()} {SHARPER}"
    said["migration"] = [
        {
            "label": name,
            "becomes": "listen-again" if name == "soothed-crying" else name,
            "why": "what attends was vague",
        }
        for name in (label["name"] for label in said["labels"])
    ]
    (schema / "v3.yaml").write_text(yaml.safe_dump(said, sort_keys=False, allow_unicode=True))
    params = checkout.folder / "params.yaml"
    params.write_text(params.read_text().replace("guideline: 2", "guideline: 3"))


@pytest.mark.timeout(1800)
def test_from_labels_to_a_better_guideline(checkout: Checkout, server: LabelStudioServer, tmp_path: Path) -> None:
    ears = [Ear(server, name) for name in EARS]
    both = ("--labeller", EARS[0], "--labeller", EARS[1], "--media", str(server.media), "--jobs", "1")

    # A pilot comes first: 17 clips, a gold clip and two repeats.
    assert "begin with the batch pilot, or add --anyway" in refused(checkout, "tasks", "large", *both)
    output = checkout.training("tasks", "pilot", *both)
    assert output.count("20 sent, 0 there already") == 2
    assert checkout.training("tasks", "pilot", *both).count("0 sent, 20 there already") == 2
    said = [ear.listen(2, skips_first=ear is ears[1]) for ear in ears]
    assert Counter(said[0])["soothed-crying"] > Counter(said[1])["soothed-crying"]
    output = checkout.training("labels")
    assert "program:ear-1: 20 new labels, 0 known already\n" in output
    assert "program:ear-2: 20 new labels, 0 known already; 1 skipped\n" in output

    # The same answers from an exported file; another guideline version is refused.
    export = tmp_path / "export.json"
    export.write_text(json.dumps(server.ask("GET", f"/api/projects/{ears[0].project(2)['id']}/export", server.owner)))
    assert checkout.training("labels", str(export)) == "program:ear-1: 0 new labels, 20 known already\n"
    assert "was labeled under guideline version 2" in refused(checkout, "labels", str(export), "--guideline", "1")

    # The agreement does not suffice, and the page shows the disagreements.
    output = checkout.training("agreement", "--jobs", "1")
    assert "below 0.8: not ready for the large batch" in output
    assert "crying or soothed-crying" in output
    page = (checkout.folder / "artifacts" / "agreement" / "v2" / "index.html").read_text()
    assert page.count("data-clip=") >= 5
    assert "not ready for the large batch" in refused(checkout, "tasks", "large", *both)

    # A sentence of the guideline changes: only the clips of that label are relabeled.
    publish(checkout)
    assert SHARPER in checkout.run("python", "-m", "label_schema", "diff", "2", "3")
    assert "labeled under guideline version 2" in refused(checkout, "labels", str(export))
    output = checkout.training("relabel", "--from", "2", "--to", "3")
    assert "12 clips carry over by rule\n6 clips must be relabeled" in output
    queue = checkout.folder / "artifacts" / "relabel" / "v2-v3.csv"
    assert checkout.training("tasks", "pilot", "--queue", queue, *both).count("7 sent, 0 there already") == 2
    for ear in ears:
        ear.listen(3)
    assert checkout.training("labels").count(": 7 new labels, 0 known already\n") == 2
    assert "at least 0.8: ready" in checkout.training("agreement", "--jobs", "1")
    output = checkout.training("consensus")
    assert [line.split()[0] for line in output.splitlines()[:5]] == ["3", "0", "3", "12", "0"]
    ship(checkout)


def ship(checkout: Checkout) -> None:
    """Compare a candidate under the new guideline with the former model, promote it, and roll back another."""
    pytest.importorskip("dvc", reason="the pipeline needs DVC: pip install --editable '.[pipeline]'")
    models = checkout.folder / "models"
    add_model(models, "loud")  # version 2's
    (models / "current").write_text("loud\n")
    assert checkout.repro("measure") == ["bank", "consensus", "scenes", "fit", "measure"]
    card = ModelCard.from_metadata(read_metadata(models / "tiny" / "model.onnx"))
    assert card.schema_version == 3

    # The benchmark is too short for a release; its labels are those of the programs.
    output = released(checkout, "tiny")
    assert "# tiny against loud: is refused" in output
    assert "composed from the test split, of which people listened to 0 clips and programs labeled 6" in output
    assert "at least 24 h" in refused(checkout, "promote", "tiny")
    checkout.training("promote", "tiny", "--anyway", "a rehearsal: its net saw two steps")
    assert "not rolled back" in (line := refused(checkout, "rollback"))
    assert "was trained under guideline v2" in line

    # Another model under the same guideline is promoted and rolled back.
    add_model(models, "loud-2", schema_version=card.schema_version, schema_digest=card.schema_digest)
    output = checkout.training("promote", "loud-2", "--anyway", "a rehearsal: it has no net at all")
    assert output.startswith("current: loud-2, was tiny, anyway: a rehearsal")
    assert checkout.training("rollback") == "current: tiny, was loud-2\n"
    assert (models / "current").read_text() == "tiny\n"


def add_model(models: Path, name: str, **said: Any) -> None:
    """Add a model that needs no training."""
    (models / name).mkdir(parents=True)
    loudness_model.write(models / name / "model.onnx", loudness_model.metadata(model_id=name, **said))


def released(checkout: Checkout, candidate: str) -> str:
    """Return the table of the smallest ``compare``, which no candidate passes."""
    words = ("release", candidate, "--episodes", "1", "--hours", "0.5", "--data", params_of(checkout)["data"])
    done = call(checkout, *words, "--jobs", "1")
    assert done.returncode == 1, done.stderr
    assert f"{candidate} is refused: " in done.stderr
    return done.stdout


def params_of(checkout: Checkout) -> dict[str, Any]:
    """Return the parameters of the checkout."""
    said: dict[str, Any] = yaml.safe_load((checkout.folder / "params.yaml").read_text())
    return said
