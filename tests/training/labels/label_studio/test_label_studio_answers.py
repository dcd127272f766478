"""Answers from Label Studio: imported once, or refused in one line without a change."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import label_schema
from edge.errors import HushdError
from tests.support.label_studio_exports import GUIDELINE, annotation, answered, exported, furnished, pilot
from tests.support.small_store import label
from training.labels.agreement import measure_agreement
from training.labels.label_studio.answers import Export, read_export
from training.labels.label_studio.batches import Plan
from training.labels.label_studio.import_answers import ImportResult, import_answers
from training.labels.records import LabelError
from training.labels.store import LabelStore


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[LabelStore]:
    """A store with six clips."""
    with furnished(tmp_path, each=2) as store:
        yield store


def read(content: bytes | list[dict[str, Any]]) -> Export:
    return read_export(
        content if isinstance(content, bytes) else json.dumps(content).encode(), "export.json", GUIDELINE
    )


def all_of(store: LabelStore, answer: str | None) -> dict[str, str | None]:
    return dict.fromkeys(store.clips(), answer)


def refused(store: LabelStore, content: bytes | list[dict[str, Any]], **options: Any) -> str:
    """Return the error, after checking that the store is unchanged."""
    before = store.labels()
    with pytest.raises(LabelError) as caught:
        import_answers(store, [read(content)], GUIDELINE, {}, **options)
    assert store.labels() == before
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_answers_are_imported_once_with_their_notes(desk: LabelStore) -> None:
    golden = min(desk.clips())
    desk.add((), [label(desk.clips()[golden], "gold:panel", "none")])
    (anna,) = pilot(desk, "anna")
    content = answered(anna, all_of(desk, "none"))
    assert import_answers(desk, [read(content)], GUIDELINE, {}) == [ImportResult("anna", 9, 0, 0, 0, 0, 0)]
    assert import_answers(desk, [read(content), read(content)], GUIDELINE, {}) == [
        ImportResult("anna", 0, 9, 0, 0, 0, 0)
    ]
    mine = [each for each in desk.labels(2) if each.labeller == "anna"]
    assert {each.seconds for each in mine} == {4.5}
    assert {each.digest for each in mine} == {GUIDELINE.digest}
    assert [each.note for each in mine if each.round == 2] == ["Label Studio, batch pilot, hidden repeat"]
    assert [each.clip for each in mine if each.note.endswith("hidden gold:panel")] == [golden]
    desk.add((), [label(clip, "bo", "none" if clip.clip == golden else "crying") for clip in desk.clips().values()])
    figures = measure_agreement(desk.labels(2), desk.clips(), 2).labellers[0]
    assert (figures.gold.right, figures.gold.of, figures.repeats.right, figures.repeats.of) == (1, 1, 1, 1)


def test_skipped_and_unanswered_tasks_are_counted(desk: LabelStore) -> None:
    (anna,) = pilot(desk, "anna", repeats=0)
    first, second = anna.tasks[:2]
    both = {first.name: [annotation(None)], second.name: [annotation("crying"), annotation("fussing", after_s=9)]}
    assert import_answers(desk, [read(exported(anna, both))], GUIDELINE, {}) == [
        ImportResult("anna", 2, 0, skipped=1, changed=0, others=0, unanswered=6)
    ]
    kept = {each.clip: each.label for each in desk.labels(2) if each.labeller == "anna"}
    assert kept == {first.clip: None, second.clip: "fussing"}  # the later answer counts
    more = exported(anna, {**both, anna.tasks[2].name: [annotation("none", seconds=None)]})
    assert import_answers(desk, [read(more)], GUIDELINE, {})[0].new == 1


def test_an_answer_changed_after_it_was_accepted(desk: LabelStore) -> None:
    (anna,) = pilot(desk, "anna", repeats=0)
    import_answers(desk, [read(answered(anna, all_of(desk, "crying")))], GUIDELINE, {})
    changed = exported(anna, {anna.tasks[0].name: [annotation("fussing")]})
    assert "anna changed the accepted label crying to fussing: rows never change" in refused(desk, changed)
    assert import_answers(desk, [read(changed)], GUIDELINE, {}, keep_accepted=True)[0].changed == 1


def test_an_ambiguous_account_is_refused(desk: LabelStore) -> None:
    anna, bo = pilot(desk, "anna", "bo", repeats=0)
    mixed = exported(anna, {anna.tasks[0].name: [annotation("none", 7)], anna.tasks[1].name: [annotation("none", 8)]})
    assert "several accounts answered the tasks of anna (7, 8): name the labeler's" in refused(desk, mixed)
    same = [
        *exported(anna, {anna.tasks[0].name: [annotation("none")]}),
        *exported(bo, {bo.tasks[0].name: [annotation("none")]}),
    ]
    assert "account 7 answered the tasks of anna and of bo" in refused(desk, same)
    with pytest.raises(LabelError, match="--account names cy, but the export has no tasks"):
        import_answers(desk, [read(mixed)], GUIDELINE, {"cy": "7"})
    assert import_answers(desk, [read(mixed)], GUIDELINE, {"anna": "7"}) == [
        ImportResult("anna", 1, 0, 0, 0, others=1, unanswered=7)
    ]


def test_other_guidelines_are_named(desk: LabelStore) -> None:
    (anna,) = pilot(desk, "anna")
    content = answered(anna, all_of(desk, "none"))
    with pytest.raises(
        LabelError, match=r"export.json was labeled under guideline version 2 \(digest 40b9.*not version 1"
    ):
        read_export(content, "export.json", label_schema.load(1))
    other = content.replace(GUIDELINE.digest.encode(), b"f" * 64)
    assert f"version 2 (digest {'f' * 12}), not version 2 (digest {GUIDELINE.digest[:12]})" in refused(desk, other)


def test_foreign_or_damaged_exports_are_refused(desk: LabelStore, tmp_path: Path) -> None:
    (anna,) = pilot(desk, "anna")
    content = answered(anna, all_of(desk, "none"))
    assert "export.json is not complete JSON" in refused(desk, content[:-7])
    assert "is not Label Studio's JSON format" in refused(desk, b"{}")
    assert "task 1 is damaged or not a hushd task: key 'task' is missing" in refused(
        desk, content.replace(b'"task"', b'"text"')
    )
    assert "'sleeping' is not a label of guideline version 2" in refused(
        desk, content.replace(b'["none"]', b'["sleeping"]')
    )
    assert "has 2 labels, but must have one" in refused(desk, content.replace(b'["none"]', b'["none", "crying"]'))
    assert "lead_time is -1" in refused(desk, content.replace(b"4.5", b"-1"))
    with furnished(tmp_path / "elsewhere", each=1) as other:
        assert re.search(r"belongs to no batch of this store \(\d such tasks\)", refused(other, content))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("2026-11-23T09:00:00Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = [
    [0], [0, "id"], [0, "data"], [0, "data", "task"], [0, "data", "guideline"],
    [0, "annotations"], [0, "annotations", 0],
    *([0, "annotations", 0, key] for key in ("completed_by", "result", "was_cancelled", "updated_at", "lead_time")),
    [0, "annotations", 0, "result", 0], [0, "annotations", 0, "result", 0, "value"],
]  # fmt: skip


@given(st.sampled_from(KEYS), JSON)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_export_is_read_or_refused(place: list[Any], value: Any) -> None:
    plan = Plan(2, GUIDELINE.digest, "pilot", "anna", ())
    content: Any = [
        {"id": 1, "data": {"task": "a", "guideline": 2, "digest": plan.digest}, "annotations": [annotation("none")]}
    ]
    inner = content
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    try:
        found = read(content)
    except HushdError:
        return
    assert all(answer.label in (*GUIDELINE.names, None) for answer in found.answers)
