"""Files for Label Studio: each task's audio under the task's name, and the files to import by hand."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from joblib import Parallel, delayed
from tqdm import tqdm

from label_schema import Guideline
from training.data.audio_files import decode
from training.labels.clip_media import as_flac
from training.labels.label_studio.batches import Plan
from training.labels.label_studio.layout import AUDIO, configuration, instructions
from training.labels.store import LabelStore
from training.storage.atomic import write_whole


@dataclass(frozen=True, slots=True)
class Served:
    """A plan as files and tasks of Label Studio."""

    sounds: Path
    """Folder of the audio, directly below Label Studio's document root."""
    tasks: Sequence[dict[str, Any]]
    """Data of the tasks, in order."""


def serve(store: LabelStore, plan: Plan, root: Path, jobs: int) -> Served:
    """Write the missing audio files; AudioError if a clip cannot be decoded.

    All files have the same format and random names, so a gold clip or a repeat is not recognizable.
    """
    clips = store.clips()
    sounds = root.resolve() / plan.key
    shown = tqdm(plan.tasks, desc="writing clips", unit="clip", disable=None)
    Parallel(n_jobs=jobs)(delayed(_write)(store.path(clips[task.clip]), sounds / f"{task.name}.flac") for task in shown)
    return Served(sounds, [task_data(plan, task.name) for task in plan.tasks])


def task_data(plan: Plan, name: str) -> dict[str, Any]:
    """Return a task's data in Label Studio, which the export contains again."""
    address = f"/data/local-files/?d={quote(f'{plan.key}/{name}.flac')}"
    return {AUDIO: address, "task": name, "guideline": plan.guideline, "digest": plan.digest}


def write_files(served: Served, guideline: Guideline, plan: Plan, out: Path) -> Path:
    """Write configuration, instructions and tasks for import by hand; return their folder."""
    folder = out / plan.key
    write_whole(folder / "config.xml", configuration(guideline) + "\n")
    write_whole(folder / "instructions.html", instructions(guideline) + "\n")
    write_whole(folder / "tasks.json", json.dumps([{"data": data} for data in served.tasks], indent=1) + "\n")
    return folder


def _write(source: Path, target: Path) -> None:
    if not target.is_file():
        write_whole(target, as_flac(decode(source)))
