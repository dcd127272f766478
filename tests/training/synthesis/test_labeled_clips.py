"""What people say of a clip decides what it teaches, and nothing changes where nobody was asked."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import label_schema
from edge.detection.classifier import WINDOW_STEPS
from edge.records import SAMPLE_RATE
from tests.support.small_store import clip as desk_clip
from tests.support.small_store import label
from training.data import checksums, manifest
from training.data.annotations import PROGRAMS, SEGMENT_S, UNDECIDED, ClipAnnotations, LabeledSegment
from training.data.audio_cache import open_audio_cache
from training.data.audio_files import decode
from training.data.manifest import Clip, read_manifest
from training.data.tagger_scores import load_tagger_scores
from training.data.workspace import Workspace
from training.labels import training_labels
from training.labels.consensus import Method, reach_consensus, write
from training.labels.import_row import ImportRow
from training.labels.label_studio.segments import cut_segments, planned_segments
from training.labels.records import CARRIED, Label, LabelError
from training.labels.run_import import ImportSettings, import_all
from training.labels.store import LabelStore
from training.labels.weak_labels import by_sound_alone
from training.storage.paths import DataError, find_data
from training.synthesis import labeled_clips
from training.synthesis.clip_labels import clip_label
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.feature_shards import load_shard, make_examples, make_shards, open_library
from training.synthesis.mixture import ATTENDING, CRY, WHIMPER, Track
from training.synthesis.targets import window_labels

GUIDELINE = label_schema.load()
CRIER, FUSSER, QUIET = "donateacry/00-train.flac", "donateacry/01-train.ogg", "donateacry/02-train.flac"
SPOKEN_OVER, CAT, FIVE_SECONDS = "donateacry/03-train.ogg", "catmeows/08-train.flac", "esc/07-train.ogg"


def told(tiny_data: Path, work: Path, said: Mapping[str, str]) -> list[Clip]:
    """The catalog where people said this of these files."""
    clips = read_manifest(tiny_data)
    contents = checksums.compute(Workspace(tiny_data, work, clips))
    return training_labels.attach_annotations(
        clips, contents, {contents[file]: ClipAnnotations(word) for file, word in said.items()}
    )


def told_of_pieces(tiny_data: Path, work: Path, file: str, *pieces: tuple[float, str]) -> list[Clip]:
    """The catalog where people said this of pieces of one file: where each begins, s, and its label."""
    said = ClipAnnotations(stretches=tuple(LabeledSegment(start_s, word) for start_s, word in pieces))
    return [replace(clip, annotations=said) if clip.file == file else clip for clip in told(tiny_data, work, {})]


def files(pool: Mapping[str, list[Clip]]) -> set[str]:
    return {clip.file for clips in pool.values() for clip in clips}


def test_a_clip_that_people_call_fussing_is_no_crier(tiny_data: Path, work: Path) -> None:
    assert files(open_library(Workspace(tiny_data, work, told(tiny_data, work, {})), "train").criers) == {CRIER}
    clips = told(tiny_data, work, {CRIER: "fussing", SPOKEN_OVER: "crying"})
    library = open_library(Workspace(tiny_data, work, clips), "train")
    assert files(library.criers) == files(library.steady_criers) == {SPOKEN_OVER}
    assert files(library.fussers) == {CRIER, FUSSER}
    assert library.distress[CRIER].cry_s < GUIDELINE.thresholds["crying_min_cry_s"]
    assert library.distress[CRIER].whimper_s > GUIDELINE.thresholds["fussing_min_distress_s"]
    assert {CRIER, SPOKEN_OVER} <= library.usable_infants


def test_what_people_call_none_is_a_sound_that_is_no_cry(tiny_data: Path, work: Path) -> None:
    clips = told(tiny_data, work, {CRIER: "none", SPOKEN_OVER: "crying", CAT: "none"})
    library = open_library(Workspace(tiny_data, work, clips), "train")
    assert CRIER not in files(library.criers) | files(library.fussers)
    assert CRIER in {clip.file for clip in library.by_kind[labeled_clips.NO_CRY_KIND]}
    assert not library.track(next(clip for clip in clips if clip.file == CRIER)).tracks.any()
    assert [clip.file for clip in library.by_kind["cat"]] == [CAT]


def test_soothed_crying_and_the_undecided_are_in_no_scene_of_others(tiny_data: Path, work: Path) -> None:
    clips = told(tiny_data, work, {CRIER: "soothed-crying", QUIET: UNDECIDED, SPOKEN_OVER: "crying"})
    library = open_library(Workspace(tiny_data, work, clips), "train")
    used = files(library.criers) | files(library.steady_criers) | files(library.fussers) | files(library.by_kind)
    assert not {CRIER, QUIET} & (used | library.usable_infants)


def test_a_sound_in_which_people_hear_a_baby_is_no_longer_a_cat(tiny_data: Path, work: Path) -> None:
    library = open_library(Workspace(tiny_data, work, told(tiny_data, work, {CAT: "crying"})), "train")
    assert not library.by_kind["cat"]
    assert CAT in files(library.criers)
    assert library.distress[CAT].cry_s >= GUIDELINE.thresholds["crying_min_cry_s"]


@pytest.mark.parametrize(
    ("file", "word", "missing"),
    [
        (CRIER, "none", "no infant that cries"),
        ("moodist/11-train.ogg", "fussing", "no room without a voice"),  # with the phone's quiet room, all there are
        ("librispeech/04-train.flac", UNDECIDED, "no adult's speech"),
        ("librosa/12-train.flac", "crying", "no music"),
    ],
)
def test_a_split_is_refused_whose_last_clip_of_a_kind_people_call_otherwise(
    tiny_data: Path, work: Path, file: str, word: str, missing: str
) -> None:
    with pytest.raises(DataError, match=f"^the train split has {missing}"):
        open_library(Workspace(tiny_data, work, told(tiny_data, work, {file: word, QUIET: UNDECIDED})), "train")


def test_figures_rest_on_what_people_say(tiny_data: Path, work: Path) -> None:
    clips = {clip.file: clip for clip in told(tiny_data, work, {FUSSER: "none", CAT: "fussing"})}
    library = open_library(Workspace(tiny_data, work, list(clips.values())), "train")
    assert clip_label(clips[FUSSER], library) == ("none", "people")
    assert clip_label(clips[CAT], library) == ("fussing", "people")
    assert clip_label(replace(clips[CAT], annotations=ClipAnnotations(UNDECIDED)), library)[0] is None
    assert clip_label(replace(clips[CAT], annotations=ClipAnnotations("fussing", by=PROGRAMS)), library) == (
        "fussing",
        "programs",
    )
    assert clip_label(clips[CRIER], library)[0] == "crying"


@pytest.mark.parametrize("name", GUIDELINE.names)
def test_every_window_of_an_example_has_the_label_as_its_target(tiny_data: Path, work: Path, name: str) -> None:
    clips = told(tiny_data, work, {FIVE_SECONDS: name})
    library = open_library(Workspace(tiny_data, work, clips), "train")
    clip = next(clip for clip in clips if clip.file == FIVE_SECONDS)
    scene = labeled_clips.example(library, labeled_clips.Example(clip, None, name), GUIDELINE, np.random.default_rng(0))
    assert scene.seconds == 16.0
    steps = torch.from_numpy(scene.tracks.reshape(64, 16, 3).mean(axis=1))[None]
    odds = window_labels(steps, GUIDELINE, WINDOW_STEPS)[0, :, GUIDELINE.names.index(name)]
    assert odds.min() >= labeled_clips.CONFIDENT


def test_the_rules_own_tracks_stay_where_they_agree_with_people(tiny_data: Path, work: Path) -> None:
    clips = read_manifest(tiny_data)
    library = open_library(Workspace(tiny_data, work, clips), "train")
    layer = library.track(next(clip for clip in clips if clip.file == CRIER))
    np.testing.assert_array_equal(labeled_clips.truth_tracks(layer, "crying", GUIDELINE), layer.tracks)
    soothed = labeled_clips.truth_tracks(layer, "soothed-crying", GUIDELINE)
    np.testing.assert_array_equal(soothed[:, CRY], soothed[:, ATTENDING])
    assert soothed[:, CRY].any()
    assert not labeled_clips.truth_tracks(layer, "fussing", GUIDELINE)[:, CRY].any()
    silence = Track.silence(5.0, library.classes)
    assert labeled_clips.truth_tracks(silence, "fussing", GUIDELINE)[:, WHIMPER].all()
    deaf = replace(layer, tracks=np.zeros_like(layer.tracks))  # the teachers hear nothing in it
    alone = by_sound_alone(layer.audio)
    np.testing.assert_array_equal(
        labeled_clips.truth_tracks(deaf, "crying", GUIDELINE)[: len(alone.cry), CRY], alone.cry
    )


def test_labeled_clips_of_the_split_are_scenes_of_their_own(tiny_data: Path, work: Path, tmp_path: Path) -> None:
    clips = told(tiny_data, work, {FUSSER: "fussing", CAT: "none", "donateacry/00-test.flac": "crying"})
    shards = make_examples(Workspace(tiny_data, tmp_path, clips), "train", each=3, seed=1)
    frames, tracks, _ = load_shard(shards[0])
    assert len(shards) == 1
    assert len(frames) == 6
    assert np.isfinite(frames).all()
    assert (
        tracks.any(axis=(1, 2)).tolist() == [True, False] * 3 or tracks.any(axis=(1, 2)).tolist() == [False, True] * 3
    )
    assert not np.array_equal(frames[0], frames[2])  # another microphone
    assert shards == make_examples(Workspace(tiny_data, tmp_path, clips), "train", each=3, seed=1)


@pytest.mark.slow
def test_where_nobody_was_asked_nothing_changes(tiny_data: Path, work: Path, shards: list[Path]) -> None:
    clips = told(tiny_data, work, {})
    assert clips == read_manifest(tiny_data)
    assert make_examples(Workspace(tiny_data, work, clips), "train", each=4, seed=1) == []
    assert make_shards(Workspace(tiny_data, work, clips), "train", 2, seed=1) == shards
    some = told(tiny_data, work, {FUSSER: "none"})
    assert manifest.clips_digest(some) != manifest.clips_digest(clips)


def test_only_what_people_heard_is_taken_from_a_consensus(tmp_path: Path) -> None:
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


IN_PIECES_S = (0.0, 2.2)
"""Where pieces begin that leave nothing of ``SPOKEN_OVER`` out."""


def test_pieces_that_share_a_label_make_it_the_clips(tiny_data: Path, work: Path) -> None:
    clips = told_of_pieces(tiny_data, work, SPOKEN_OVER, *((at_s, "crying") for at_s in IN_PIECES_S))
    assert SPOKEN_OVER in files(open_library(Workspace(tiny_data, work, clips), "train").criers)
    clips = told_of_pieces(tiny_data, work, SPOKEN_OVER, (0.0, "crying"), (2.2, "soothed-crying"))
    assert SPOKEN_OVER not in files(open_library(Workspace(tiny_data, work, clips), "train").criers)


def test_what_was_heard_in_part_keeps_its_place_unless_people_say_otherwise(tiny_data: Path, work: Path) -> None:
    first = ClipAnnotations(stretches=(LabeledSegment(0.0, "fussing"),))
    clips = told_of_pieces(tiny_data, work, CRIER, (3.0, "crying"))
    library = open_library(Workspace(tiny_data, work, clips), "train")
    assert files(library.criers) == {CRIER}
    assert CRIER in library.usable_infants
    assert clip_label(next(clip for clip in clips if clip.file == CRIER), library)[1].startswith("rule:")
    other = [
        replace(clip, annotations=ClipAnnotations("crying")) if clip.file == SPOKEN_OVER else clip for clip in clips
    ]
    clips = [replace(clip, annotations=first) if clip.file == CRIER else clip for clip in other]
    library = open_library(Workspace(tiny_data, work, clips), "train")
    assert files(library.criers) == {SPOKEN_OVER}
    assert CRIER not in files(library.fussers) | files(library.by_kind) | library.usable_infants
    assert clip_label(next(clip for clip in clips if clip.file == CRIER), library) == ("fussing", "people")


def test_a_labeled_piece_is_an_example_of_its_five_seconds(tiny_data: Path, work: Path) -> None:
    clips = told_of_pieces(tiny_data, work, SPOKEN_OVER, (0.0, UNDECIDED), (2.0, "fussing"))
    library = open_library(Workspace(tiny_data, work, clips), "train")
    (chosen,) = labeled_clips.examples(clips, "train", each=1)
    assert (chosen.clip.file, chosen.start_s, chosen.label) == (SPOKEN_OVER, 2.0, "fussing")
    piece = labeled_clips.labeled_track(library, chosen, GUIDELINE)
    np.testing.assert_array_equal(piece.audio, library.audio(chosen.clip)[2 * SAMPLE_RATE : 7 * SAMPLE_RATE])
    assert piece.tracks[:, WHIMPER].any()
    assert not piece.tracks[:, CRY].any()
    others = told_of_pieces(tiny_data, work, SPOKEN_OVER, (0.0, UNDECIDED), (2.0, "crying"))
    shards = [make_examples(Workspace(tiny_data, work, told), "train", each=1, seed=1) for told in (clips, others)]
    assert shards[0] != shards[1]


@pytest.mark.data
def test_a_real_recording_labeled_in_pieces(tmp_path: Path) -> None:
    """From the store, as labellers leave it, to the very 5 s that teach."""
    try:
        data = find_data()
    except DataError as error:
        pytest.skip(str(error))
    clip = next(each for each in read_manifest(data) if each.kind == "infant" and each.duration_s > 6)
    file = data / "clips" / clip.file
    with LabelStore(tmp_path / "store", create=True) as store:
        import_all(store, [ImportRow("", file, clip.source)], ImportSettings())
        with store.writing():
            parts = [cut_segments(store, piece, SEGMENT_S) for piece in planned_segments(store.clips(), SEGMENT_S)]
        store.add((), [label(part, "anna", word) for part, word in zip(parts, ("none", "fussing"), strict=True)])
        write(tmp_path / "v2.csv", reach_consensus(store.labels(), 2, Method.MAJORITY, 0.5), store.clips(), 2)
        second = decode(store.path(parts[1]))
    said = training_labels.read_consensus(tmp_path / "v2.csv", GUIDELINE)
    (clip,) = training_labels.attach_annotations([clip], checksums.compute(Workspace(data, tmp_path, [clip])), said)
    library = ClipLibrary([clip], open_audio_cache(Workspace(data, tmp_path, [clip])), load_tagger_scores(data))
    chosen = labeled_clips.examples([clip], clip.split, each=1)
    assert [each.label for each in chosen] == ["none", "fussing"]
    heard = labeled_clips.labeled_track(library, chosen[1], GUIDELINE).audio
    begins_s = chosen[1].start_s
    assert begins_s is not None
    assert begins_s == pytest.approx(clip.duration_s - SEGMENT_S, abs=0.01)
    later = round((round(begins_s * 4) / 4 - begins_s) * SAMPLE_RATE)  # truth runs in quarters of a second
    ours, theirs = (heard, second[later:]) if later >= 0 else (heard[-later:], second)
    length = min(len(ours), len(theirs)) - SAMPLE_RATE // 4
    assert length > 4.5 * SAMPLE_RATE
    np.testing.assert_allclose(ours[:length], theirs[:length], atol=2 / 32_768)
