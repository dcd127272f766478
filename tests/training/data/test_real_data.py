"""The real data folder, where it exists: groups stay in one split, and each split has infants of its own."""

from collections import defaultdict
from pathlib import Path

import pytest

import label_schema
from training.data.audio_cache import open_audio_cache
from training.data.manifest import SPLITS, read_manifest
from training.data.tagger_scores import load_tagger_scores
from training.data.workspace import Workspace
from training.storage.paths import DataError, find_data
from training.synthesis.clip_library import ClipLibrary

pytestmark = [pytest.mark.slow, pytest.mark.data]


@pytest.fixture(scope="module")
def data() -> Path:
    try:
        return find_data()
    except DataError as error:
        pytest.skip(str(error))


def test_groups_stay_in_one_split_and_clips_have_scores(data: Path) -> None:
    clips = read_manifest(data)
    splits = defaultdict(set)
    for clip in clips:
        splits[clip.group].add(clip.split)
    assert [group for group, where in splits.items() if len(where) > 1] == []
    assert {clip.file for clip in clips} == set(load_tagger_scores(data).clips)
    assert len({clip.file for clip in clips}) == len(clips)


@pytest.fixture(scope="module")
def libraries(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, ClipLibrary]:
    """Libraries of infants only, which are decoded in seconds."""
    infants = [clip for clip in read_manifest(data) if clip.kind == "infant"]
    guideline = label_schema.load()
    decoded, teachers = (
        open_audio_cache(Workspace(data, tmp_path_factory.mktemp("work"), infants)),
        load_tagger_scores(data, infants),
    )
    return {
        split: ClipLibrary.of_clips([clip for clip in infants if clip.split == split], decoded, teachers, guideline)
        for split in SPLITS
    }


@pytest.mark.parametrize("split", SPLITS)
def test_every_split_has_criers_and_fussers_of_its_own(libraries: dict[str, ClipLibrary], split: str) -> None:
    mine = libraries[split]
    assert len(mine.criers) >= 5
    assert len(mine.steady_criers) >= 5
    assert len(mine.fussers) >= 5
    others = {infant for other in SPLITS if other != split for infant in libraries[other].criers}
    assert not others & mine.criers.keys()
