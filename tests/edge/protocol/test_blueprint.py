"""The blueprint for Home Assistant, without Home Assistant; ``end_to_end`` tests it with one."""

from importlib import resources
from typing import Any

import pytest
import yaml

from edge.records import EventKind


class _Loader(yaml.SafeLoader):
    """YAML loader that reads ``!input NAME`` as a set of that name."""


_Loader.add_constructor("!input", lambda loader, node: {loader.construct_scalar(node)})  # type: ignore[arg-type]


@pytest.fixture
def text() -> str:
    return (resources.files("edge") / "blueprints" / "hushd_alert.yaml").read_text("utf-8")


def _used_inputs(part: Any) -> set[str]:
    match part:
        case set():
            return part
        case dict():
            return set().union(*map(_used_inputs, part.values()))
        case list():
            return set().union(*map(_used_inputs, part))
        case _:
            return set()


def test_every_input_has_a_description_and_is_used(text: str) -> None:
    blueprint = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    inputs = blueprint.pop("blueprint")["input"]
    assert _used_inputs(blueprint) == set(inputs)
    assert all(field["name"] and field["selector"] for field in inputs.values())


def test_it_handles_every_event_that_does_not_ring(text: str) -> None:
    assert all(kind in text for kind in EventKind if not kind.rings)
