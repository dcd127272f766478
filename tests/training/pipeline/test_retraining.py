"""``dvc repro``: all stages once, no stage without a change, and only the affected stages after one."""

import csv
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from edge.detection.classifier import ModelCard
from tests.support.checkout import Checkout, make
from training.model.onnx_metadata import read_metadata
from training.pipeline import clip_usage
from training.pipeline.provenance import Provenance
from training.pipeline.stages import STAGES
from training.storage.paths import REPOSITORY
from training.synthesis.recipe_digests import OVERSAMPLED_SCENES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not find_spec("dvc"), reason="the pipeline needs DVC: pip install --editable '.[pipeline]'"),
    pytest.mark.skipif(not shutil.which("git"), reason="DVC works in a git checkout: git is missing"),
]

SAID = {
    "donateacry/00-train.flac": "crying",
    "donateacry/01-train.ogg": "fussing",
    "donateacry/03-train.ogg": "crying",
    "donateacry/02-test.flac": "fussing",
    "esc/07-test.ogg": "none",
}


def answers(checkout: Checkout, data: Path, said: dict[str, str], guideline: int) -> None:
    """Add the same answers by two programs, in place of people."""
    table = checkout.folder.parent / "answers.csv"
    with table.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "label", "labeller"])
        rows.writerows([data / "clips" / name, label, f"program:{who}"] for name, label in said.items() for who in "ab")
    checkout.training("import", "csv", table, "--guideline", str(guideline), "--jobs", "1")


def publish(checkout: Checkout) -> None:
    """Version 3: version 2 with one clearer sentence, and fussing to be relabeled."""
    schema = checkout.folder / "label_schema"
    said = yaml.safe_load((schema / "v2.yaml").read_text())
    said |= {"version": 3, "summary": said["summary"] + " Judge what you hear, not what you know of the house."}
    said["migration"] = [
        {
            "label": each["name"],
            "becomes": "listen-again" if each["name"] == "fussing" else each["name"],
            "why": "it was",
        }
        for each in said["labels"]
    ]
    (schema / "v3.yaml").write_text(yaml.safe_dump(said, sort_keys=False))
    params = checkout.folder / "params.yaml"
    params.write_text(params.read_text().replace("guideline: 2", "guideline: 3"))


@pytest.fixture(scope="module")
def checkout(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout in which five clips are labeled and all stages ran once."""
    checkout = make(tmp_path_factory.mktemp("house") / "hushd", tiny_data)
    answers(checkout, tiny_data, SAID, 2)
    checkout.run("dvc", "add", "--quiet", "labels/labels.sqlite", "labels/clips")
    checkout.commit("labels")
    assert checkout.repro() == list(STAGES)
    checkout.commit("tiny")
    return checkout


def provenance(checkout: Checkout) -> Provenance:
    came = Provenance.from_metadata(read_metadata(checkout.folder / "models" / "tiny" / "model.onnx"))
    assert came
    return came


def test_a_model_has_its_provenance(checkout: Checkout) -> None:
    came = provenance(checkout)
    assert came.commit == checkout.run("git", "rev-parse", "HEAD~1").strip()
    assert not came.dirty
    assert came.labels
    assert came.consensus == "majority, undecided at or below 0.5"
    programs = {(each.split, each.label): each.clips for each in came.counts if each.labeller == "programs"}
    assert programs == {("train", "crying"): 2, ("train", "fussing"): 1, ("test", "fussing"): 1, ("test", "none"): 1}
    table = {role.file: role for role in clip_usage.read(checkout.folder / "artifacts/train/tiny/roles.csv")}
    assert table["donateacry/03-train.ogg"].role == "crier, steady crier, labeled example"
    card = (checkout.folder / "models" / "tiny" / "card.md").read_text()
    for said in (came.labels, came.recipe, came.commit, came.data, came.guideline_digest):
        assert f"`{said[:12]}" in card
    assert "3 clips were labeled by programs that followed the guideline" in card
    assert "**No person listened to these clips.**" in card


def test_why_says_it_in_words_and_how_to_make_it_again(checkout: Checkout, tiny_data: Path) -> None:
    clip = tiny_data / "clips" / "donateacry" / "03-train.ogg"
    told = checkout.training("why", "tiny", "--clip", clip)
    came = provenance(checkout)
    for said in (came.store, came.labels, came.data, came.recipe, came.guideline_digest):
        assert said in told
    assert f"  git checkout {came.commit}\n" in told
    assert "  python -m training train tiny --rehearse --steps 2 --seed 1\n" in told
    assert "crying, says programs" in told
    assert "fussing, says rule:voiced-bursts-1" in told
    assert "role  crier, steady crier, labeled example" in told
    assert "consensus crying (1.0000), by program, majority: program:a=crying; program:b=crying" in told
    assert "v2 program:a: crying" in told


def test_without_a_change_no_stage_runs(checkout: Checkout) -> None:
    assert checkout.repro() == []


def test_another_checkout_gets_all_of_it_from_the_remote(checkout: Checkout) -> None:
    checkout.run("dvc", "push", "--quiet")
    other = Checkout(checkout.folder.parent / "clone")
    checkout.run("git", "clone", "--quiet", checkout.folder, other.folder)
    other.run("dvc", "pull", "--quiet")
    assert (other.folder / "labels" / "labels.sqlite").is_file()
    assert other.repro() == []


def test_notes_of_its_makers_outlive_the_card(checkout: Checkout) -> None:
    model = checkout.folder / "models" / "tiny"
    (model / "notes.md").write_text("- The gulls still fool it.\n")
    assert checkout.repro() == ["card"]
    assert "## Notes by its makers\n\n- The gulls still fool it.\n\n## Sources" in (model / "card.md").read_text()


def test_a_sharper_sentence_and_two_clips_heard_again(checkout: Checkout, tiny_data: Path) -> None:
    """The test split's clip repeats the evaluation; the train split's clip keeps its label, so no scene is made."""
    before = (checkout.folder / "dvc.lock").read_text()
    publish(checkout)
    told = checkout.training("relabel", "--from", "2", "--to", "3")
    assert "3 clips carry over by rule\n2 clips must be relabeled" in told
    answers(checkout, tiny_data, {"donateacry/01-train.ogg": "fussing", "donateacry/02-test.flac": "none"}, 3)
    assert checkout.repro() == ["consensus", "measure", "evaluate", "nights", "card"]
    assert (checkout.folder / "dvc.lock").read_text() != before
    card = ModelCard.from_metadata(read_metadata(checkout.folder / "models" / "tiny" / "model.onnx"))
    assert card.schema_version == 3
    assert provenance(checkout).dirty  # the new guideline is in no commit yet


def test_another_label_makes_new_scenes_and_a_new_network(checkout: Checkout, tiny_data: Path) -> None:
    answers(checkout, tiny_data, {"donateacry/02-train.flac": "none"}, 3)
    net = checkout.folder / "artifacts/train/tiny/net.pt"
    before = net.read_bytes()
    assert checkout.repro("fit") == ["consensus", "scenes", "fit"]
    assert net.read_bytes() != before


def test_the_pipeline_has_all_stages_and_the_sources_of_scenes() -> None:
    stages = yaml.safe_load((REPOSITORY / "dvc.yaml").read_text())["stages"]
    assert list(stages) == list(STAGES)
    assert [stage["cmd"] for stage in stages.values()] == [f"python -m training run-stage {name}" for name in STAGES]
    sources = {str(Path(str(module.__file__)).relative_to(REPOSITORY)) for module in OVERSAMPLED_SCENES}
    assert sources <= set(stages["scenes"]["deps"])
