"""A Dask cluster of real processes: a scheduler, and workers that see this machine's folders."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from distributed import Client

from training.storage.paths import REPOSITORY

START_S = 60


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the scheduler listens, and a client of the test's own."""

    address: str
    client: Client


@contextmanager
def cluster(folder: Path, workers: int, threads: int = 1) -> Iterator[Cluster]:
    """Run a scheduler on a free port of the loopback and this number of workers; stop them at the end."""
    found = folder / "scheduler.json"
    command = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(found)]
    with ExitStack() as stack:
        stack.enter_context(_running(command, folder / "scheduler.log"))
        for number in range(workers):
            stack.enter_context(worker(folder, number, threads))
        client = stack.enter_context(_client(found))
        if workers:
            client.wait_for_workers(workers, timeout=START_S)
        yield Cluster(str(client.scheduler.address), client)


@contextmanager
def worker(
    folder: Path,
    number: int,
    threads: int = 1,
    prefix: Sequence[str] = (),
    home: Path = REPOSITORY,
    environment: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """One more worker of the scheduler in ``folder``, started in ``home`` and by way of ``prefix``."""
    options = ["--scheduler-file", str(folder / "scheduler.json"), "--nthreads", str(threads)]
    options += ["--no-nanny", "--no-dashboard", "--memory-limit", "0", "--local-directory", str(folder / f"{number}")]
    with _running(["worker", *options], folder / f"worker-{number}.log", prefix, home, environment):
        yield


def _client(scheduler_file: Path) -> Client:
    """It waits for the file."""
    return Client(scheduler_file=str(scheduler_file), set_as_default=False, timeout=START_S)  # type: ignore[no-untyped-call]


@contextmanager
def _running(
    command: Sequence[str],
    log: Path,
    prefix: Sequence[str] = (),
    home: Path = REPOSITORY,
    environment: Mapping[str, str] | None = None,
) -> Iterator[None]:
    with log.open("w") as out:
        process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "dask", *command],
            cwd=home,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(START_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
