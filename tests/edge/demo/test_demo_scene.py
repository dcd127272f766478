"""The scene: its timeline, its levels, and the shipped model's events."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from edge import demo
from edge.config.configuration import Configuration
from edge.detection import model_loading
from edge.detection.decision import Decision
from edge.detection.decision_settings import DecisionSettings
from edge.detection.pipeline import Pipeline
from edge.records import SAMPLE_RATE, Event, EventKind, FloatArray

PARTS = {part.name: part for part in demo.timeline()}


def sound(name: str) -> FloatArray:
    """Return the samples of one part."""
    part = PARTS[name]
    return demo.samples()[round(part.start_s * SAMPLE_RATE) : round(part.end_s * SAMPLE_RATE)]


def level_db(name: str) -> float:
    return 20 * float(np.log10(sound(name).std()))


def test_the_timeline_has_no_gap_and_covers_the_scene() -> None:
    parts = demo.timeline()
    assert parts[0].start_s == 0
    assert all(before.end_s == after.start_s for before, after in pairwise(parts))
    assert all(part.seconds > 0 and part.sentence for part in parts)
    assert len(demo.samples()) == round(parts[-1].end_s * SAMPLE_RATE)


def test_the_scene_takes_about_a_minute_and_its_quiet_ends_the_episode() -> None:
    assert 40 <= PARTS["soothe"].end_s <= 70
    assert PARTS["quiet again"].seconds > DecisionSettings().quiet_s + 5


def test_the_scene_is_the_same_each_time() -> None:
    once = demo.samples()
    demo.samples.cache_clear()
    assert np.array_equal(once, demo.samples())


def test_the_scene_is_read_only_sound() -> None:
    scene = demo.samples()
    assert scene.dtype == np.float32
    assert not scene.flags.writeable
    assert np.isfinite(scene).all()
    assert 0.3 < np.abs(scene).max() < 0.95, "it must neither clip nor be faint"


def test_each_part_has_its_level() -> None:
    assert level_db("quiet") == pytest.approx(level_db("quiet again"), abs=3)
    assert level_db("quiet") < -55
    assert level_db("quiet") + 10 < level_db("fuss") < level_db("cry") - 15


def test_the_blocks_are_the_scene() -> None:
    blocks = list(demo.blocks())
    assert np.array_equal(np.concatenate([block.samples for block in blocks]), demo.samples())
    assert all(after.start_sample == before.start_sample + len(before.samples) for before, after in pairwise(blocks))


def test_the_scene_can_be_written_to_a_file(tmp_path: Path) -> None:
    demo.write(tmp_path / "scene.wav")
    kept, rate = soundfile.read(tmp_path / "scene.wav", dtype="float32")
    assert rate == SAMPLE_RATE
    np.testing.assert_allclose(kept, demo.samples(), atol=1 / 32_768)


def test_the_shipped_model_alerts_once_detects_the_soothing_and_the_end() -> None:
    configuration = Configuration()
    classifier = model_loading.load_classifier(configuration.model)
    thresholds = model_loading.operating_point(classifier.card, configuration.sensitivity).thresholds
    pipeline = Pipeline(classifier, Decision(configuration.decision, thresholds, configuration.hop_s))
    events = [heard for block in demo.blocks() for heard in pipeline.push(block) if isinstance(heard, Event)]

    assert [event.kind for event in events] == [EventKind.CRY_STARTED, EventKind.CRY_SOOTHED, EventKind.CRY_ENDED]
    started, soothed, ended = events
    assert PARTS["cry"].start_s < started.at_s <= PARTS["cry"].start_s + 10
    assert started.onset_s == pytest.approx(PARTS["cry"].start_s, abs=3)
    assert PARTS["soothe"].start_s < soothed.at_s <= PARTS["soothe"].end_s
    assert ended.at_s <= PARTS["quiet again"].end_s
