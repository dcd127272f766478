"""Labels from the store and from a consensus: the rows that count, and the audio that they label."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import label_schema
from edge.records import SAMPLE_RATE
from tests.support.small_store import clip as desk_clip
from tests.support.small_store import label
from training.data import checksums
from training.data.annotations import PROGRAMS, UNDECIDED, ClipAnnotations
from training.data.audio_cache import open_audio_cache
from training.data.audio_files import decode
from training.data.manifest import read_manifest
from training.data.tagger_scores import load_tagger_scores
from training.data.workspace import Workspace
from training.labels import training_labels
from training.labels.consensus import Method, reach_consensus, write
from training.labels.import_row import ImportRow
from training.labels.label_studio.segments import cut_segments, planned_segments
from training.labels.records import CARRIED, Label, LabelError
from training.labels.run_import import ImportSettings, import_all
from training.labels.store import LabelStore
from training.storage.paths import DataError, find_data
from training.synthesis import labeled_clips
from training.synthesis.clip_library import ClipLibrary

GUIDELINE = label_schema.load()


def test_weak_labels_in_a_consensus_are_left_out(tmp_path: Path) -> None:
    clips = [desk_clip(number) for number in range(6)]
    by_rule = Label(clips[3].clip, f"{CARRIED}-1-2", "none", 2, GUIDELINE.digest, label(clips[0], "anna", None).at)
    rows = [
        label(clips[0], "anna", "crying"),
        label(clips[0], "rule:voiced-bursts-1", "none"),
        label(clips[1], "source:esc50", "none"),
        label(clips[2], "anna", "crying"),
        label(clips[2], "bo", "fussing"),
        label(clips[5], "program:a", "none"),
        replace(by_rule, note="anna=not cry; program:bo=not cry"),
        replace(by_rule, clip=clips[4].clip, note="source:esc50=not cry"),
    ]
    path = tmp_path / "v2.csv"
    write(path, reach_consensus(rows, 2, Method.MAJORITY, 0.5), {clip.clip: clip for clip in clips}, 2)
    assert training_labels.read_consensus(path, GUIDELINE) == {
        clips[0].clip: ClipAnnotations("crying"),
        clips[2].clip: ClipAnnotations(UNDECIDED),
        clips[3].clip: ClipAnnotations("none"),
        clips[5].clip: ClipAnnotations("none", by=PROGRAMS),
    }


def test_a_consensus_of_another_guideline_is_refused(tmp_path: Path) -> None:
    clip = desk_clip(0)
    write(
        tmp_path / "v1.csv",
        reach_consensus([label(clip, "anna", "cry", 1)], 1, Method.MAJORITY, 0.5),
        {clip.clip: clip},
        1,
    )
    with pytest.raises(LabelError, match="made under guideline version 1, training follows version 2"):
        training_labels.read_consensus(tmp_path / "v1.csv", GUIDELINE)


@pytest.mark.data
def test_a_real_recording_labeled_in_segments(tmp_path: Path) -> None:
    """A segment's label leads from the store to the same audio in an example."""
    try:
        data = find_data()
    except DataError as error:
        pytest.skip(str(error))
    clip = next(each for each in read_manifest(data) if each.kind == "infant" and each.duration_s > 6)
    file = data / "clips" / clip.file
    with LabelStore(tmp_path / "store", create=True) as store:
        import_all(store, [ImportRow("", file, clip.source)], ImportSettings())
        with store.writing():
            parts = [
                cut_segments(store, piece, GUIDELINE.clip_seconds)
                for piece in planned_segments(store.clips(), GUIDELINE.clip_seconds)
            ]
        store.add((), [label(part, "anna", word) for part, word in zip(parts, ("none", "fussing"), strict=True)])
        write(tmp_path / "v2.csv", reach_consensus(store.labels(), 2, Method.MAJORITY, 0.5), store.clips(), 2)
        second = decode(store.path(parts[1]))
    said = training_labels.read_consensus(tmp_path / "v2.csv", GUIDELINE)
    (clip,) = training_labels.attach_annotations([clip], checksums.compute(Workspace(data, tmp_path, [clip])), said)
    library = ClipLibrary.of_clips(
        [clip], open_audio_cache(Workspace(data, tmp_path, [clip])), load_tagger_scores(data), GUIDELINE
    )
    chosen = labeled_clips.examples([clip], clip.split, each=1)
    assert [each.label for each in chosen] == ["none", "fussing"]
    example = labeled_clips.labeled_track(library, chosen[1]).audio
    begins_s = chosen[1].start_s
    assert begins_s is not None
    assert begins_s == pytest.approx(clip.duration_s - GUIDELINE.clip_seconds, abs=0.01)
    later = round((round(begins_s * 4) / 4 - begins_s) * SAMPLE_RATE)  # a track is cropped in steps of a quarter second
    ours, theirs = (example, second[later:]) if later >= 0 else (example[-later:], second)
    length = min(len(ours), len(theirs)) - SAMPLE_RATE // 4
    assert length > 4.5 * SAMPLE_RATE
    np.testing.assert_allclose(ours[:length], theirs[:length], atol=2 / 32_768)
