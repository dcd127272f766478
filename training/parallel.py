"""A Dask cluster as joblib's backend for the heavy steps.

A worker reads the same data folder, writes into the same work folder and draws the same random numbers as this machine.
Both folders are on storage that all machines see under the same path. So the workers are checked first: the same code,
the same folders, and one thread each, because torch's random numbers belong to a process.
"""

import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from joblib import parallel_config
from tqdm import tqdm

from edge.errors import HushdError
from training.storage.paths import REPOSITORY

if TYPE_CHECKING:
    from distributed import Client

ADDRESS = "DASK_SCHEDULER_ADDRESS"
"""Dask's own environment variable for the address."""
CONNECT_TIMEOUT_S = 10
_WORKER = "dask worker ADDRESS --nthreads 1 --nworkers CORES"


class ClusterError(HushdError):
    """The cluster cannot be reached, or would give other results than this machine."""

    exit_code = 69


@contextmanager
def cluster_backend(address: str, data: Path, work: Path) -> Iterator[int]:
    """Run joblib calls inside the block on the Dask scheduler at ``address``; yields its number of workers.

    ``data`` and ``work`` are absolute paths that every worker must see. Raises ClusterError if a worker is unusable.
    """
    with _connected(address) as client:
        workers = _workers(client, address)
        _compare_code(client)
        _compare_folders(client, data, work)
        tqdm.write(f"cluster {address}: {len(workers)} workers")
        with parallel_config(backend="dask", client=client):
            yield len(workers)


@contextmanager
def _connected(address: str) -> Iterator["Client"]:
    try:
        from distributed import Client, Security  # noqa: PLC0415 - of an extra
    except ModuleNotFoundError as error:
        raise ClusterError(
            f"--cluster: {error.name} is not installed; it needs: pip install --editable '.[cluster]'"
        ) from error
    scheme, host, port = _parts(address)
    security = Security()  # type: ignore[no-untyped-call] # from Dask's configuration
    if scheme == "tls" and not security.get_connection_args("client").get("ssl_context"):  # type: ignore[no-untyped-call]
        raise ClusterError(f"{address}: Dask has no certificates here: set distributed.comm.tls in its configuration")
    try:
        socket.create_connection(
            (host, port), CONNECT_TIMEOUT_S
        ).close()  # a client without a scheduler delays the exit
        client = Client(address, timeout=CONNECT_TIMEOUT_S, security=security, set_as_default=False)  # type: ignore[no-untyped-call]
    except OSError as error:
        raise ClusterError(
            f"no Dask scheduler answers at {address}: is it running, and is this its address?"
        ) from error
    with client:
        yield client


def _parts(address: str) -> tuple[str, str, int]:
    url = urlsplit(address)
    try:
        port = url.port
    except ValueError:
        port = None
    if url.scheme not in ("tcp", "tls") or not url.hostname or not port:
        raise ClusterError(
            f"invalid scheduler address {address!r}: expected tcp://HOST:PORT, such as tcp://10.0.0.5:8786"
        )
    return url.scheme, url.hostname, port


def _workers(client: "Client", address: str) -> list[str]:
    threads: dict[str, int] = client.nthreads()  # type: ignore[no-untyped-call]
    if not threads:
        raise ClusterError(f"the cluster at {address} has no workers: start some, `{_WORKER}`")
    for worker, count in threads.items():
        if count != 1:
            raise ClusterError(f"worker {worker} runs {count} threads, and random numbers mix: start it as `{_WORKER}`")
    return list(threads)


def _compare_code(client: "Client") -> None:
    mine = code_digest()
    for worker, theirs in _run_everywhere(client, code_digest).items():
        if isinstance(theirs, Exception):
            raise ClusterError(f"worker {worker} cannot load the workshop ({theirs}): install this checkout there")
        if theirs != mine:
            raise ClusterError(f"worker {worker} runs other code: bring it to this commit and restart it")


def _compare_folders(client: "Client", data: Path, work: Path) -> None:
    """Raise ClusterError unless every worker reads a file just written to the work folder, and the same manifest."""
    work.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=work, prefix=".cluster.") as file:
        file.write(token := os.urandom(8).hex())
        file.flush()
        for folder, probe, seen in ((work, Path(file.name), token), (data, data / "manifest.csv", None)):
            expected = seen or _read(probe)
            for worker, theirs in _run_everywhere(client, _read, probe).items():
                if theirs != expected:
                    raise ClusterError(
                        f"worker {worker} does not see {folder} as it is here: share it with all workers"
                    )


@cache
def code_digest() -> str:
    """Return the SHA-256 over the code and the guidelines, computed once in a process."""
    packages = ("training", "edge", "label_schema")
    sources = sorted(path for package in packages for path in (REPOSITORY / package).rglob("*.py"))
    digest = hashlib.sha256()
    for path in [*sources, *sorted((REPOSITORY / "label_schema").glob("*.yaml"))]:
        digest.update(f"{path.relative_to(REPOSITORY)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _run_everywhere(client: "Client", function: Any, *arguments: Any) -> dict[str, Any]:
    """Return the function's result on every worker, or its exception."""
    results: dict[str, Any] = client.run(function, *arguments, on_error="return")
    return results
