"""The blueprint for Home Assistant, as far as one can see without it; ``end_to_end`` has the rest."""

from importlib import resources
from typing import Any

import pytest
import yaml

from edge.records import EventKind


class _Loader(yaml.SafeLoader):
    """Takes ``!input NAME`` for the set of that name."""


_Loader.add_constructor("!input", lambda loader, node: {loader.construct_scalar(node)})  # type: ignore[arg-type]


@pytest.fixture
def text() -> str:
    return (resources.files("edge") / "blueprints" / "hushd_alert.yaml").read_text("utf-8")


def _used(part: Any) -> set[str]:
    match part:
        case set():
            return part
        case dict():
            return set().union(*map(_used, part.values()))
        case list():
            return set().union(*map(_used, part))
        case _:
            return set()


def test_every_input_is_explained_and_used(text: str) -> None:
    blueprint = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    inputs = blueprint.pop("blueprint")["input"]
    assert _used(blueprint) == set(inputs)
    assert all(field["name"] and field["selector"] for field in inputs.values())


def test_it_knows_every_event_that_does_not_ring(text: str) -> None:
    assert all(kind in text for kind in EventKind if not kind.rings)
