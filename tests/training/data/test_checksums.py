"""Checksums of clips, which are read again only when size or time changed."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from tests.support.clip_files import tone, write_clip
from training.data import checksums
from training.data.audio_cache import open_audio_cache
from training.data.workspace import Workspace
from training.storage.paths import DataError


def test_a_clip_is_named_by_the_digest_of_its_file(tmp_path: Path) -> None:
    clips = [write_clip(tmp_path, "a.flac", tone(300)), write_clip(tmp_path, "b.flac", tone(500))]
    computed = checksums.compute(Workspace(tmp_path, tmp_path / "work", clips))
    assert computed["a.flac"] == hashlib.sha256((tmp_path / "clips" / "a.flac").read_bytes()).hexdigest()
    assert checksums.compute(Workspace(tmp_path, tmp_path / "work", clips)) == computed
    assert checksums.digest(clips, computed) == checksums.digest(clips[::-1], computed)
    checksums.write(tmp_path / "manifest.csv", clips, computed)
    assert checksums.read(tmp_path / "manifest.csv") == computed


def test_other_bytes_under_the_same_name_are_decoded_again(tmp_path: Path) -> None:
    clips = [write_clip(tmp_path, "a.flac", tone(300))]
    before = checksums.compute(Workspace(tmp_path, tmp_path / "work", clips))
    open_audio_cache(Workspace(tmp_path, tmp_path / "work", clips), checksums.digest(clips, before))
    write_clip(tmp_path, "a.flac", tone(3_000))
    after = checksums.compute(Workspace(tmp_path, tmp_path / "work", clips))
    assert after != before
    cache = open_audio_cache(Workspace(tmp_path, tmp_path / "work", clips), checksums.digest(clips, after))
    np.testing.assert_allclose(cache[clips[0]], tone(3_000), atol=2 / 32_767)


def test_a_missing_clip_is_named(tmp_path: Path) -> None:
    clips = [write_clip(tmp_path, "a.flac", tone(300))]
    (tmp_path / "clips" / "a.flac").unlink()
    with pytest.raises(DataError, match=r"clip a\.flac cannot be read .No such file"):
        checksums.compute(Workspace(tmp_path, tmp_path / "work", clips))
