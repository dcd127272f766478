"""``--cluster``: two workers of a real scheduler give the same bits as this machine."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from joblib import parallel_config

from tests.support.dask_cluster import Cluster, cluster, worker
from tests.support.ports import free_port
from training import parallel as workshop_cluster
from training.cli.main import main
from training.data.workspace import read_workspace
from training.evaluation.nights.runner import NightRunConfig, run_nights
from training.evaluation.runs import run_episodes
from training.experiments.label_noise.examples import Examples
from training.storage.paths import REPOSITORY
from training.synthesis.episodes import EPISODE_KINDS
from training.synthesis.feature_shards import load_shard, make_shards
from training.synthesis.nights import NightRecipe

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("dask"), workers=2) as running:
        yield running


def rehearse(*options: object, **environment: str) -> None:
    """Run ``python -m training study --rehearse``."""
    done = subprocess.run(
        [sys.executable, "-m", "training", "study", "--rehearse", *map(str, options)],
        cwd=REPOSITORY,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.nightly
def test_a_study_is_the_same_on_the_cluster(two_workers: Cluster, tiny_data: Path, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    rehearse("--data", tiny_data, "--work", here, "--jobs", 1)
    rehearse("--data", tiny_data, "--work", there, **{workshop_cluster.ADDRESS: two_workers.address})
    assert _cells(there) == _cells(here)
    arrays = sorted(path.relative_to(here) for path in here.rglob("*.npy"))
    assert len(arrays) == 4 + 1 + 4  # examples, episodes, and the comparison's nets
    for path in arrays:
        assert (there / path).read_bytes() == (here / path).read_bytes()
    learned_in = two_workers.client.run(lambda: (os.getpid(), Examples.load.cache_info().currsize))
    assert len({process for process, _ in learned_in.values()} - {os.getpid()}) == 2
    assert all(opened for _, opened in learned_in.values())  # both took their share


def test_scenes_are_the_same_on_the_cluster(
    two_workers: Cluster, tiny_data: Path, shards: list[Path], tmp_path: Path
) -> None:
    with parallel_config(backend="dask", client=two_workers.client):
        made = make_shards(read_workspace(tiny_data, tmp_path, jobs=2), "train", 2, seed=1)
    for mine, theirs in zip(shards, made, strict=True):
        for here, there in zip(load_shard(mine), load_shard(theirs), strict=True):
            np.testing.assert_array_equal(here, there)


@pytest.mark.nightly
def test_nights_are_the_same_on_the_cluster(two_workers: Cluster, tiny_data: Path, model: Path, tmp_path: Path) -> None:
    here = NightRunConfig(read_workspace(tiny_data, tmp_path / "here"), model)
    there = NightRunConfig(read_workspace(tiny_data, tmp_path / "there", jobs=2), model)
    planned = [NightRecipe("test", 7, number, 300.0) for number in range(2)]
    with parallel_config(backend="dask", client=two_workers.client):
        told = run_nights(there, planned)
    assert told == run_nights(here, planned)


@pytest.mark.nightly
def test_episodes_are_the_same_on_the_cluster_and_in_order(
    two_workers: Cluster, tiny_data: Path, model: Path, tmp_path: Path
) -> None:
    here = read_workspace(tiny_data, tmp_path)
    with parallel_config(backend="dask", client=two_workers.client):
        told = run_episodes(model, "test", 1, 3, replace(here, jobs=2))
    assert told == run_episodes(model, "test", 1, 3, here)
    assert [each.kind for each in told] == [
        kind for kind in EPISODE_KINDS for _ in range(4 if kind == "confuser" else 1)
    ]


def test_no_workers_or_workers_that_mix_random_numbers_are_refused(
    tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with cluster(tmp_path, workers=0) as idle:
        refused = _refused(idle.address, tiny_data, tmp_path, capsys, monkeypatch)
        assert refused.startswith(f"training: the cluster at {idle.address} has no workers: start some, `dask worker ")
        with worker(tmp_path, number=1, threads=2):
            idle.client.wait_for_workers(1, timeout=60)
            refused = _refused(idle.address, tiny_data, tmp_path, capsys, monkeypatch)
            assert "runs 2 threads, and random numbers mix: start it as `dask worker " in refused


def test_a_worker_with_other_code_is_refused(
    tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    for package in ("training", "edge", "label_schema"):
        shutil.copytree(REPOSITORY / package, other / package)
    with (other / "training" / "scenes.py").open("a") as file:
        file.write("# one line more\n")
    elsewhere = {**os.environ, "PYTHONPATH": str(other)}
    with cluster(tmp_path, workers=0) as mixed, worker(tmp_path, number=1, home=other, environment=elsewhere):
        mixed.client.wait_for_workers(1, timeout=60)
        refused = _refused(mixed.address, tiny_data, tmp_path, capsys, monkeypatch)
    assert refused.endswith("runs other code: bring it to this commit and restart it")


def test_a_worker_that_does_not_see_the_work_folder_is_refused(
    tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode:
        pytest.skip("no mount namespaces here: a worker with storage of its own cannot be made")
    work = tmp_path / "work"
    work.mkdir()
    own_storage = ["unshare", "--mount", "sh", "-c", f'mount -t tmpfs none {work} && exec "$@"', "worker"]
    with cluster(tmp_path, workers=0) as apart, worker(tmp_path, number=1, prefix=own_storage):
        apart.client.wait_for_workers(1, timeout=60)
        refused = _refused(apart.address, tiny_data, tmp_path, capsys, monkeypatch)
    assert refused.endswith(f"does not see {work} as it is here: share it with all workers")
    assert not list(work.iterdir())


@pytest.mark.parametrize("address", ["nonsense", "10.0.0.5:8786", "ftp://10.0.0.5:8786", "tcp://10.0.0.5:lots"])
def test_an_invalid_address_is_refused(
    tiny_data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    address: str,
) -> None:
    refused = _refused(address, tiny_data, tmp_path, capsys, monkeypatch)
    assert refused.startswith(f"training: invalid scheduler address {address!r}: expected tcp://HOST:PORT")


def test_a_missing_scheduler_or_certificates_are_named(
    tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    refused = _refused(f"tcp://127.0.0.1:{port}", tiny_data, tmp_path, capsys, monkeypatch)
    assert refused.startswith(f"training: no Dask scheduler answers at tcp://127.0.0.1:{port}: ")
    refused = _refused(f"tls://127.0.0.1:{port}", tiny_data, tmp_path, capsys, monkeypatch)
    assert refused.endswith("Dask has no certificates here: set distributed.comm.tls in its configuration")


def test_without_dask_the_extra_is_named(
    tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    refused = _refused("tcp://127.0.0.1:1", tiny_data, tmp_path, capsys, monkeypatch)
    assert refused.endswith("distributed is not installed; it needs: pip install --editable '.[cluster]'")


def _refused(
    address: str, data: Path, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> str:
    """Return the one line on stderr."""
    options = ["--data", str(data), "--work", str(folder / "work"), "--cluster", address]
    monkeypatch.setattr(sys, "argv", ["training", "study", "--rehearse", *options])
    assert main() == workshop_cluster.ClusterError.exit_code
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    return line


def _cells(work: Path) -> list[dict[str, object]]:
    (ledger,) = work.glob("study/*/cells.jsonl")
    rows = [json.loads(line) for line in ledger.read_text().splitlines()]
    for row in rows:
        del row["cpu_s"]
    return sorted(rows, key=str)
