"""Label Studio projects: one a labeler and guideline version, created and completed with missing tasks."""

from typing import Any

from label_schema import Guideline
from training.labels.label_studio.answers import Export, read_export
from training.labels.label_studio.batches import Plan, read_plans
from training.labels.label_studio.client import LONGEST_TITLE, LabelStudio, LabelStudioError
from training.labels.label_studio.layout import configuration, instructions
from training.labels.label_studio.media import Served
from training.labels.records import LabelError
from training.labels.store import LabelStore


def title_of(guideline: Guideline, labeller: str) -> str:
    """Return the project's title; LabelError if it is too long for Label Studio."""
    title = f"v{guideline.version} {labeller}"
    if len(title) > LONGEST_TITLE:
        raise LabelError(f"project title {title!r} is too long for Label Studio (at most {LONGEST_TITLE} characters)")
    return title


def send(server: LabelStudio, plan: Plan, served: Served, guideline: Guideline) -> tuple[int, str]:
    """Send the tasks that the project lacks; return their number and the project's URL."""
    title = title_of(guideline, plan.labeller)
    project = _find(server, title, guideline) or server.make_project(
        title, _description(guideline), configuration(guideline), instructions(guideline)
    )
    server.serve_folder(project["id"], served.sounds)
    existing = read_export(server.export(project["id"]), title, guideline).tasks
    missing = [data for data in served.tasks if data["task"] not in existing]
    server.add_tasks(project["id"], missing)
    return len(missing), f"{server.url}/projects/{project['id']}"


def fetch(server: LabelStudio, labeller: str, guideline: Guideline) -> Export:
    """Return the tasks and answers of a labeler's project; LabelStudioError if there is no such project."""
    title = title_of(guideline, labeller)
    project = _find(server, title, guideline)
    if project is None:
        raise LabelStudioError(
            f"{server.url} has no project {title!r}: run `label-studio push` first, or restore its title"
        )
    return read_export(server.export(project["id"]), f"project {title!r}", guideline)


def fetch_all(server: LabelStudio, store: LabelStore, guideline: Guideline) -> list[Export]:
    """Return the tasks and answers of every labeler with a planned batch; LabelError if no batch is planned."""
    labellers = {plan.labeller for plan in read_plans(store.folder) if plan.guideline == guideline.version}
    if not labellers:
        raise LabelError(f"no batch of guideline version {guideline.version}: run `label-studio push` first")
    return [fetch(server, labeller, guideline) for labeller in sorted(labellers)]


def _find(server: LabelStudio, title: str, guideline: Guideline) -> dict[str, Any] | None:
    project = server.find_project(title)
    if project is not None and project.get("description") != _description(guideline):
        raise LabelStudioError(
            f"project {title!r} at {server.url} is of another guideline ({str(project.get('description'))[:80]!r},"
            f" here {_description(guideline)!r}): rename the project, or restore the guideline"
        )
    return project


def _description(guideline: Guideline) -> str:
    return f"hushd, guideline version {guideline.version}, digest {guideline.digest[:12]}"
