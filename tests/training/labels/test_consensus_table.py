"""The reader of a consensus table: a valid one is returned, an invalid line is named."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import label_schema
from edge.errors import HushdError
from tests.support.small_store import clip as desk_clip
from tests.support.small_store import label
from training.data.annotations import ClipAnnotations
from training.labels.consensus import Method, reach_consensus, write
from training.labels.consensus_table import read_consensus_table
from training.labels.records import LabelError
from training.labels.training_labels import read_consensus

GUIDELINE = label_schema.load()


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of two clips, as ``consensus`` writes it."""
    path = tmp_path_factory.mktemp("given") / "v2.csv"
    clips = [desk_clip(number) for number in range(2)]
    rows = [label(clips[0], "anna", "crying"), label(clips[1], "anna", "none")]
    write(path, reach_consensus(rows, 2, Method.MAJORITY, 0.5), {clip.clip: clip for clip in clips}, 2)
    return path


def refused(content: str, place: Path) -> str:
    (place / "edited.csv").write_text(content)
    with pytest.raises(LabelError) as caught:
        read_consensus_table(place / "edited.csv", GUIDELINE)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value).removeprefix(f"{place}/edited.csv")


def test_an_unchanged_or_edited_table_is_read(table: Path, tmp_path: Path) -> None:
    assert read_consensus_table(table, GUIDELINE) == table.read_text()
    other = table.read_text().replace(",crying,", ",fussing,")
    (tmp_path / "edited.csv").write_text(
        other, encoding="utf-8-sig"
    )  # as a spreadsheet saves it, with a byte order mark
    assert read_consensus_table(tmp_path / "edited.csv", GUIDELINE) == other


def test_an_invalid_row_is_named(table: Path, tmp_path: Path) -> None:
    text = table.read_text()
    assert refused(text.replace(",crying,", ",cryng,"), tmp_path).startswith(
        ":2: label is 'cryng', but must be one of crying, fussing, soothed-crying, none, (empty): "
    )
    assert ":3: heard is 'Yes'" in refused(text[::-1].replace(",sey,", ",seY,", 1)[::-1], tmp_path)
    assert ":2: clip is '', but must be a SHA-256" in refused(text.replace(desk_clip(0).clip, ""), tmp_path)
    assert ":1: column heard is missing: save it as CSV" in refused(text.replace(",heard,", ",heared,"), tmp_path)
    assert ":1: column clip, label" in refused(text.replace(",", ";"), tmp_path)
    assert ":3: the number of cells differs from the number of columns" in refused(text.rstrip(",\n"), tmp_path)
    assert ":3: piece_at_s is 'soon'" in refused(f"{text.rstrip()}soon\n", tmp_path)
    first = text.splitlines(keepends=True)[1]
    assert ":4: names the same clip as line 2" in refused(text + first.replace(",crying,", ",none,"), tmp_path)
    assert ":3: digest differs from that of the first row" in refused(
        text[: text.rindex(GUIDELINE.digest)] + ",,,,,", tmp_path
    )
    (tmp_path / "edited.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LabelError, match="is not a table: save it as CSV, with commas and in UTF-8"):
        read_consensus_table(tmp_path / "edited.csv", GUIDELINE)


@given(data=st.data())
@settings(max_examples=200)
def test_training_can_read_every_accepted_table(
    table: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "typed.csv"
    content = table.read_bytes()
    at = data.draw(st.integers(0, len(content)))
    typed = data.draw(st.binary(max_size=3) | st.sampled_from([b",", b"\n", b'"', b"nan", b"-1"]))
    path.write_bytes(content[:at] + typed + content[at + data.draw(st.integers(0, 3)) :])
    try:
        path.write_text(read_consensus_table(path, GUIDELINE))
        annotations = read_consensus(path, GUIDELINE)
    except HushdError:
        return
    assert all(isinstance(each, ClipAnnotations) for each in annotations.values())
