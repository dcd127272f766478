"""The classifier: a stream in any hops, with memory and gate, equals the network over the whole recording."""

from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.detection import features
from edge.detection.classifier import QUIET_LOG_MEL, STEP_FRAMES, WINDOW_FRAMES, WINDOW_STEPS, Classifier
from edge.detection.features import LogMelStream, log_mel
from edge.detection.pipeline import Pipeline
from edge.detection.windows import HopFramer
from edge.errors import ModelError
from edge.records import SAMPLE_RATE, AudioBlock, FloatArray, LogMel, Scores
from tests.support import loudness_model
from tests.support.fakes import decision
from tests.support.tiny_model import CARD, GUIDELINE, LABELS, model_bytes, random_net

HOPS = [4_000, 8_000, 16_000, 20_000, 80_000]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "model.onnx"
    path.write_bytes(model_bytes())
    return path


def sound(*stretches: tuple[float, float]) -> FloatArray:
    """Return noise in segments of (seconds, dBFS)."""
    rng = np.random.default_rng(0)
    parts = []
    for seconds, dbfs in stretches:
        count = round(seconds * SAMPLE_RATE)
        swell = 1 + 0.9 * np.sin(2 * np.pi * np.arange(count) / SAMPLE_RATE / 1.4)
        parts.append(rng.normal(0, 10 ** (dbfs / 20) / 2, count) * swell)
    return np.concatenate(parts).astype(np.float32)


def hear(classifier: Classifier, samples: FloatArray, hop_samples: int = SAMPLE_RATE, start: int = 0) -> list[Scores]:
    cutter, stream = HopFramer(hop_samples), LogMelStream()
    hops = cutter.push(AudioBlock(samples, start))
    return [scores for hop in hops if (scores := classifier.push(stream.push(hop))) is not None]


def values(heard: list[Scores]) -> FloatArray:
    """Float32 [windows, labels]."""
    return np.array([list(scores.probabilities.values()) for scores in heard], np.float32).reshape(-1, len(LABELS))


def whole(samples: FloatArray, hop_samples: int = SAMPLE_RATE) -> tuple[FloatArray, np.typing.NDArray[np.bool_]]:
    """Return PyTorch's scores [windows, labels] of the whole recording without a gate, and a mask of quiet windows."""
    import torch  # noqa: PLC0415 - slow to load, and only needed here

    from training.model.network import scene_windows  # noqa: PLC0415 - loads PyTorch

    frames = log_mel(samples)
    frames = frames[: len(frames) // STEP_FRAMES * STEP_FRAMES]
    with torch.no_grad():
        logits, _ = scene_windows(random_net(), torch.from_numpy(frames)[None], every_steps=1)
        scores = torch.softmax(logits, dim=2)[0].numpy()
    loudest = np.array(
        [frames[STEP_FRAMES * step :][:WINDOW_FRAMES].max() for step in range(len(frames) // STEP_FRAMES - 19)]
    )
    steps = hop_samples // features.FRAME_STEP_SAMPLES // STEP_FRAMES
    ends = np.arange(steps, len(frames) // STEP_FRAMES + 1, steps)
    chosen = ends[ends >= WINDOW_STEPS] - WINDOW_STEPS
    return scores[chosen], loudest[chosen] < QUIET_LOG_MEL


@pytest.mark.parametrize("hop_samples", HOPS)
def test_stream_equals_whole(path: Path, hop_samples: int) -> None:
    samples = sound((7, -50), (4, -20), (6, -45), (4, -10))
    heard = hear(Classifier.load(path, GUIDELINE), samples, hop_samples)
    expected, quiet = whole(samples, hop_samples)
    assert not quiet.any()
    np.testing.assert_allclose(values(heard), expected, rtol=0, atol=1e-4)
    assert hop_samples == HOPS[-1] or np.ptp(expected, axis=0).max() > 0.1, "scores that never change prove nothing"


@pytest.mark.parametrize("hop_samples", HOPS)
def test_the_gate_changes_only_entirely_quiet_windows(path: Path, hop_samples: int) -> None:
    """Quiet at the start, inside (longer than a window, and shorter), and at the end."""
    samples = sound((8, -90), (6, -20), (9.5, -95), (0.1, -30), (3, -95), (5, -40), (11, -120))
    heard = values(hear(Classifier.load(path, GUIDELINE), samples, hop_samples))
    expected, quiet = whole(samples, hop_samples)
    assert quiet.any()
    assert not quiet.all()
    np.testing.assert_allclose(heard[~quiet], expected[~quiet], rtol=0, atol=1e-4)
    np.testing.assert_array_equal(heard[quiet], np.tile([float(label == "none") for label in LABELS], (quiet.sum(), 1)))


@given(
    stretches=st.lists(
        st.tuples(st.floats(0.3, 7), st.sampled_from([-120, -85, -60, -30, -5])), min_size=2, max_size=5
    ),
    hop_samples=st.sampled_from(HOPS),
)
@settings(max_examples=12, deadline=None)
def test_any_sequence_equals_whole(path: Path, stretches: list[tuple[float, float]], hop_samples: int) -> None:
    samples = sound((5, -30), *stretches)
    heard = values(hear(Classifier.load(path, GUIDELINE), samples, hop_samples))
    expected, quiet = whole(samples, hop_samples)
    np.testing.assert_allclose(heard[~quiet], expected[~quiet], rtol=0, atol=1e-4)


def test_no_scores_before_five_seconds_then_one_a_hop(path: Path) -> None:
    heard = hear(Classifier.load(path, GUIDELINE), sound((7.6, -30)), 8_000)
    assert [scores.end_s for scores in heard] == [5.0, 5.5, 6.0, 6.5, 7.0, 7.5]
    assert all(tuple(scores.probabilities) == LABELS for scores in heard)
    assert all(sum(scores.probabilities.values()) == pytest.approx(1, abs=1e-5) for scores in heard)


def test_after_a_jump_in_time_it_starts_again(path: Path) -> None:
    """Scores after a jump do not depend on sound before it, and start again after 5 seconds."""
    samples = sound((9, -20))
    fresh = Classifier.load(path, GUIDELINE)
    used = Classifier.load(path, GUIDELINE)
    hear(used, sound((12, -5)))
    start = 100 * SAMPLE_RATE
    after = hear(used, samples, start=start)
    assert [scores.end_s for scores in after] == [105, 106, 107, 108, 109]
    np.testing.assert_array_equal(values(after), values(hear(fresh, samples)))


def test_the_gate_does_not_run_the_net(path: Path) -> None:
    """A model that never returns quiet does not run."""
    classifier = Classifier.load(path, GUIDELINE)
    frames = np.full((64, features.MELS), QUIET_LOG_MEL - 0.01, np.float32)
    heard = [classifier.push(LogMel(frames, SAMPLE_RATE * (index + 1), -80.0)) for index in range(8)]
    assert [scores and scores.probabilities["none"] for scores in heard] == [None] * 4 + [1.0] * 4
    louder = frames.copy()
    louder[-1, 0] = QUIET_LOG_MEL
    woken = classifier.push(LogMel(louder, 9 * SAMPLE_RATE, -80.0))
    assert woken is not None
    assert woken.probabilities["none"] < 1.0


def test_one_thread_that_does_not_spin(path: Path) -> None:
    options = Classifier.load(path, GUIDELINE)._session.get_session_options()
    assert options.intra_op_num_threads == 1
    assert options.inter_op_num_threads == 1
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"


def test_a_frame_is_encoded_once(path: Path) -> None:
    """A minute costs the frames of one minute at any hop, and not those of its overlapping windows."""
    classifier = Classifier.load(path, GUIDELINE)
    asked: list[int] = []

    class Counting:
        def __init__(self, session: Any) -> None:
            self.get_inputs, self._session = session.get_inputs, session

        def run(self, outputs: None, inputs: dict[str, FloatArray]) -> Any:
            asked.append(inputs["frames"].shape[1])
            return self._session.run(outputs, inputs)

    hear(Classifier(Counting(classifier._session), classifier.card), sound((60, -30)), 4_000)
    assert sum(frames - 15 for frames in asked) == 60 * features.FRAMES_PER_SECOND


class TestRefusals:
    """Each error is one line with file, problem and remedy."""

    def load_error(self, path: Path) -> str:
        with pytest.raises(ModelError) as refusal:
            Classifier.load(path, GUIDELINE)
        line = str(refusal.value)
        assert line.startswith(f"model {path} ")
        assert "\n" not in line
        assert len(line) < 400
        return line

    def with_card(self, tmp_path: Path, **changes: Any) -> Path:
        return loudness_model.write(tmp_path / "other.onnx", asdict(replace(CARD, **changes)))

    def test_missing(self, tmp_path: Path) -> None:
        assert "not found: name an existing .onnx file" in self.load_error(tmp_path / "model.onnx")

    def test_a_folder(self, tmp_path: Path) -> None:
        assert "not found" in self.load_error(tmp_path)

    @pytest.mark.parametrize("content", [b"", b"not a model", bytes(range(256)) * 40])
    def test_not_onnx(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "model.onnx"
        path.write_bytes(content)
        assert "is not a readable ONNX file: copy it again" in self.load_error(path)

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
    def test_truncated(self, tmp_path: Path, share: float) -> None:
        path = tmp_path / "model.onnx"
        path.write_bytes(model_bytes()[: round(share * len(model_bytes()))])
        assert "is not a readable ONNX file: copy it again" in self.load_error(path)

    def test_an_onnx_file_of_another_origin(self, tmp_path: Path) -> None:
        path = loudness_model.write(tmp_path / "other.onnx", None)
        assert "has no hushd metadata: use a model made by hushd's training" in self.load_error(path)

    @pytest.mark.parametrize("said", ["", "{", "[]", '"x"', "3", "null", "{}", '{"labels": 3, "operating_points": {}}'])
    def test_metadata_of_another_origin(self, tmp_path: Path, said: str) -> None:
        model = onnx.load_from_string(model_bytes())
        onnx.helper.set_model_props(model, {"hushd": said})
        path = tmp_path / "model.onnx"
        onnx.save(model, path)
        assert "has no hushd metadata" in self.load_error(path)

    def test_metadata_of_a_later_hushd(self, tmp_path: Path) -> None:
        path = loudness_model.write(tmp_path / "other.onnx", asdict(CARD) | {"unheard_of": 1})
        assert "has no hushd metadata" in self.load_error(path)

    def test_another_guideline_version(self, tmp_path: Path) -> None:
        line = self.load_error(self.with_card(tmp_path, schema_version=1))
        assert "trained under guideline v1" in line
        assert f"this hushd uses v{GUIDELINE.version}" in line
        assert "install the model that came with it, or retrain" in line

    def test_a_guideline_with_another_text(self, tmp_path: Path) -> None:
        line = self.load_error(self.with_card(tmp_path, schema_digest="f" * 64))
        assert "ffffffffffff" in line
        assert GUIDELINE.digest[:12] in line

    @pytest.mark.parametrize("labels", [LABELS[::-1], LABELS[:-1], (*LABELS, "sneezing")])
    def test_other_labels(self, tmp_path: Path, labels: tuple[str, ...]) -> None:
        assert "retrain the model" in self.load_error(self.with_card(tmp_path, labels=labels))

    def test_another_front_end(self, tmp_path: Path) -> None:
        line = self.load_error(self.with_card(tmp_path, feature_fingerprint="0" * 16))
        assert "trained with another audio front end: install the model of this hushd" in line


@pytest.mark.parametrize("milliseconds", [37, 100, 1_700])
def test_the_pipeline_is_the_same_in_any_blocks(path: Path, milliseconds: int) -> None:
    """Compare blocks through the real pipeline with PyTorch over the whole recording."""
    samples = sound((6, -40), (7, -90), (4, -15))
    pipeline = Pipeline(Classifier.load(path, GUIDELINE), decision())
    edges = [*range(0, len(samples), milliseconds * 16), len(samples)]
    heard = [
        each
        for start, end in pairwise(edges)
        for each in pipeline.push(AudioBlock(samples[start:end], start))
        if isinstance(each, Scores)
    ]
    expected, quiet = whole(samples)
    np.testing.assert_allclose(values(heard)[~quiet], expected[~quiet], rtol=0, atol=1e-4)
