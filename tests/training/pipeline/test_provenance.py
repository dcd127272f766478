"""Provenance in a model's metadata; test_retraining covers the whole pipeline."""

import ast
import dataclasses
import subprocess
from pathlib import Path

import pytest

import label_schema
from edge.errors import ConfigurationError, ModelError
from tests.support import loudness_model
from tests.support.command_line import run
from tests.support.small_store import label, sound
from training.data.annotations import UNDECIDED, ClipAnnotations
from training.data.manifest import Clip
from training.labels import consensus
from training.labels.consensus import Method, reach_consensus
from training.labels.import_row import ImportRow
from training.labels.label_studio.segments import cut_segments, planned_segments
from training.labels.run_import import ImportSettings, import_all
from training.labels.store import LabelStore
from training.model.onnx_metadata import read_metadata
from training.pipeline import clip_usage, lineage
from training.pipeline.params import PARAMS, REHEARSAL, Params, read_params
from training.pipeline.provenance import FIT, KEY, Count, Provenance, checkout, labels_digest, recipe_digest
from training.storage.paths import REPOSITORY

COUNTS = [Count("dev", "", "x", 3)]
CAME = Provenance(2, "g", "d", "s", "l", "majority", "r", {"seed": 1}, "train it", "c0ffee", True, COUNTS)
CLIP = Clip("a.ogg", "esc", "esc:1", "infant", "crying_baby", "CC0", 5.0, "train")


def test_it_comes_back_from_the_metadata() -> None:
    assert Provenance.from_metadata(CAME.as_metadata()) == CAME
    assert Provenance.from_metadata({"hushd": "{}"}) is None
    assert set(CAME.as_metadata()) == {KEY}


def test_the_commands_that_make_it_again() -> None:
    assert [line.split("#")[0].strip() for line in lineage.rebuild(CAME)] == [
        "git checkout c0ffee",
        "dvc pull --recursive labels",
        "train it",
    ]
    assert list(lineage.rebuild(dataclasses.replace(CAME, commit="", store=""))) == ["train it"]


def folder_with_cry_1(folder: Path) -> Path:
    """Write a model without provenance, as ``train`` once made them, and return the folder of models."""
    (folder / "cry-1").mkdir()
    loudness_model.write(folder / "cry-1" / "model.onnx", loudness_model.metadata(model_id="cry-1"))
    return folder


def test_why_of_a_model_from_before(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--models", str(folder_with_cry_1(tmp_path))]
    run("why", "cry-1", *where)
    told = capsys.readouterr().out
    assert told.startswith("cry-1\nguideline      version 2 (crying, fussing, soothed-crying, none), digest 40b9190824")
    assert "predates provenance metadata; see its card.md" in told
    with pytest.raises(ModelError, match=f"no model cry-9 in {tmp_path}: there is cry-1"):
        run("lineage", "cry-9", *where)
    with pytest.raises(ModelError, match="not found; beside it there is cry-1"):
        run("lineage", tmp_path / "cry-9" / "model.onnx")
    with pytest.raises(ModelError, match="is missing: make the model again, or"):
        run("lineage", "cry-1", *where, "--clip", "a.ogg", "--work", tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError, match="is not a readable ONNX file"):
        read_metadata(tmp_path / "model.onnx")


def test_labels_are_known_by_audio_and_word() -> None:
    said = dataclasses.replace(CLIP, annotations=ClipAnnotations("crying"))
    assert labels_digest([CLIP], {"a.ogg": "1"}) == ""
    digest = labels_digest([said], {"a.ogg": "1"})
    assert digest == labels_digest([dataclasses.replace(said, file="b.ogg"), CLIP], {"a.ogg": "2", "b.ogg": "1"})
    assert digest != labels_digest([dataclasses.replace(said, annotations=ClipAnnotations(UNDECIDED))], {"a.ogg": "1"})


def test_a_recipe_is_code_and_the_parameters_that_shape_the_net() -> None:
    params = Params(model="a")
    assert recipe_digest(params.shaping()) == recipe_digest(Params(model="b", data="elsewhere").shaping())
    assert recipe_digest(params.shaping()) != recipe_digest(dataclasses.replace(params, steps=7).shaping())


def test_all_that_training_imports_is_in_its_recipe() -> None:
    """A checkpoint of other code is not reused, and models of different code have different recipes."""
    names = {module.__name__ for module in FIT}
    imported = {
        node.module
        for name in names
        for node in ast.walk(ast.parse((REPOSITORY / f"{name.replace('.', '/')}.py").read_text()))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("training.")
    }
    # The handling of memory and of files does not change the network.
    assert imported - {"training.model.malloc", "training.storage.atomic", "training.synthesis.feature_shards"} <= names


def test_a_change_of_the_sources_is_recorded(tmp_path: Path) -> None:
    assert checkout(tmp_path) == ("", False)
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "a.py").write_text("")
    git = ("git", "-c", "user.name=test", "-c", "user.email=test@localhost")
    for words in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "-m", "a")):
        subprocess.run([*git, *words], cwd=tmp_path, check=True)
    commit, dirty = checkout(tmp_path)
    assert len(commit) == 40
    assert not dirty
    (tmp_path / "notes.txt").write_text("no source")
    assert not checkout(tmp_path)[1]
    (tmp_path / "training" / "a.py").write_text("changed")
    assert checkout(tmp_path) == (commit, True)


def test_the_parameters_of_this_repository_are_the_defaults_of_the_shipped_model() -> None:
    params = read_params()
    assert Path(params.labels.given).is_file()
    assert "given" not in params.shaping()["labels"]
    assert params.amounts == Params().amounts
    assert (params.seed, params.steps, params.nights, params.emphases) == (1, Params().steps, Params().nights, ())
    assert Path(params.data).resolve() == (REPOSITORY.parent / "shared" / "data").resolve()
    amounts = f"--shards {Params().amounts.shards} --steps {params.steps}"
    assert params.command == f"python -m training train {params.model} {amounts} --seed 1"
    assert "--rehearse" in dataclasses.replace(params, amounts=REHEARSAL).command


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model: a b", "must be a name such as cry-2"),
        ("amounts: {shards: 0}", "shards must be more than 0"),
        ("emphasize: cats", "must be TRAIT=VALUE:SHARE"),
        ("seeds: 1", "did you mean `seed`"),
    ],
)
def test_an_invalid_parameter_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / PARAMS.name
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=said) as caught:
        read_params(path)
    assert str(caught.value).startswith(f"{path}:1: ")


def test_only_the_latest_guideline_is_accepted() -> None:
    with pytest.raises(ConfigurationError, match=r"asks for guideline 1, .* set `guideline: \d+`"):
        _ = Params(guideline=1).taught


def test_why_prints_the_labels_of_a_clips_segments(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tmp_path / "train" / "cry-1"
    with LabelStore(tmp_path / "labels", create=True) as store:
        import_all(store, [ImportRow("", sound(tmp_path / "long.wav", 0, 7.0), "desk")], ImportSettings())
        (whole,) = store.clips()
        with store.writing():
            clip_s = label_schema.load().clip_seconds
            parts = [cut_segments(store, piece, clip_s) for piece in planned_segments(store.clips(), clip_s)]
        store.add((), [label(parts[1], "anna", "fussing")])
        consensus.write(
            made / "consensus.csv", reach_consensus(store.labels(), 2, Method.MAJORITY, 0.5), store.clips(), 2
        )
    clip_usage.write(
        made / "roles.csv", [clip_usage.ClipUsage("long.wav", whole, "train", "desk", "desk:1", "", "people", "none")]
    )
    models = folder_with_cry_1(tmp_path)
    where = ["--models", str(models), "--work", str(tmp_path), "--store", str(tmp_path / "labels")]
    run("lineage", "cry-1", "--clip", tmp_path / "long.wav", *where)
    told = capsys.readouterr().out
    assert "consensus from 2.0 s on: fussing (1.0000), by person: anna=fussing" in told
    assert "v2 anna: from 2.0 s on: fussing" in told
