"""The audio cache: clips are decoded once, a damaged clip is named, an interrupted decoding starts again."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from edge.records import SAMPLE_RATE
from tests.support.clip_files import tone, write_clip
from training.data.audio_cache import open_audio_cache
from training.data.workspace import Workspace
from training.storage.paths import DataError


def test_a_clip_is_cached_as_it_sounds(tmp_path: Path) -> None:
    clips = [write_clip(tmp_path, "low.flac", tone(300)), write_clip(tmp_path, "high.wav", tone(3_000)[:777])]
    cache = open_audio_cache(Workspace(tmp_path, tmp_path, clips))
    np.testing.assert_allclose(cache[clips[0]], tone(300), atol=2 / 32_767)
    np.testing.assert_allclose(cache[clips[1]], tone(3_000)[:777], atol=2 / 32_767)


def test_clips_are_decoded_once(tmp_path: Path) -> None:
    clips = [write_clip(tmp_path, "a.flac", tone(300))]
    first = open_audio_cache(Workspace(tmp_path, tmp_path, clips))[clips[0]]
    shutil.rmtree(tmp_path / "clips")
    np.testing.assert_array_equal(open_audio_cache(Workspace(tmp_path, tmp_path, clips))[clips[0]], first)


def test_other_clips_are_decoded_again(tmp_path: Path) -> None:
    low = write_clip(tmp_path, "low.flac", tone(300))
    open_audio_cache(Workspace(tmp_path, tmp_path, [low]))
    high = write_clip(tmp_path, "high.flac", tone(3_000))
    cache = open_audio_cache(Workspace(tmp_path, tmp_path, [high, low]))
    np.testing.assert_allclose(cache[high], tone(3_000), atol=2 / 32_767)
    np.testing.assert_allclose(cache[low], tone(300), atol=2 / 32_767)


def test_a_damaged_clip_is_named_and_can_be_repaired(tmp_path: Path) -> None:
    clips = [write_clip(tmp_path, "good.flac", tone(300)), write_clip(tmp_path, "bad.flac", tone(500))]
    (tmp_path / "clips" / "bad.flac").write_text("no audio at all")
    with pytest.raises(DataError, match=r"^clip bad\.flac: .*not audio") as caught:
        open_audio_cache(Workspace(tmp_path, tmp_path, clips))
    assert "\n" not in str(caught.value)
    write_clip(tmp_path, "bad.flac", tone(700))
    np.testing.assert_allclose(
        open_audio_cache(Workspace(tmp_path, tmp_path, clips))[clips[1]], tone(700), atol=2 / 32_767
    )


def test_an_interrupted_decoding_leaves_the_old_cache(tmp_path: Path) -> None:
    """The clips that were decoded before are still right."""
    old = write_clip(tmp_path, "old.flac", tone(300))
    open_audio_cache(Workspace(tmp_path, tmp_path, [old]))
    new = write_clip(tmp_path, "new.flac", tone(3_000))
    missing = write_clip(tmp_path, "missing.flac", tone(500))
    (tmp_path / "clips" / "missing.flac").unlink()
    with pytest.raises(DataError, match=r"missing\.flac"):
        open_audio_cache(Workspace(tmp_path, tmp_path, [new, old, missing]))
    np.testing.assert_allclose(open_audio_cache(Workspace(tmp_path, tmp_path, [old]))[old], tone(300), atol=2 / 32_767)


def test_a_truncated_clip_is_used_up_to_its_end(tmp_path: Path) -> None:
    clip = write_clip(tmp_path, "short.wav", tone(300))
    path = tmp_path / "clips" / "short.wav"
    path.write_bytes(path.read_bytes()[: 44 + SAMPLE_RATE])  # half of its samples, two bytes each
    audio = open_audio_cache(Workspace(tmp_path, tmp_path, [clip]))[clip]
    np.testing.assert_allclose(audio, tone(300)[: SAMPLE_RATE // 2], atol=2 / 32_767)
