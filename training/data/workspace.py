"""The workspace: opened once by the command line and handed down to every step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.data.manifest import Clip, read_manifest


@dataclass(frozen=True, slots=True)
class Workspace:
    """The data folder, the work folder, the clips and the number of processes.

    It is small and holds no open file, so a worker process receives it whole and opens what it needs from it.
    """

    data: Path
    """Folder with the manifest, the audio and the tagger scores; only read."""
    work: Path
    """Folder for results that can be made again."""
    clips: Sequence[Clip]
    """The manifest's clips, with annotations where they are applied."""
    jobs: int = 1
    """Number of processes."""

    def clips_of(self, split: str) -> list[Clip]:
        """Return the clips of one split."""
        return [clip for clip in self.clips if clip.split == split]

    @property
    def by_file(self) -> Mapping[str, Clip]:
        """The clips by file name."""
        return {clip.file: clip for clip in self.clips}

    def audio_path(self, clip: Clip) -> Path:
        """Return the path of a clip's audio file."""
        return self.data / "clips" / clip.file


def read_workspace(data: Path, work: Path, jobs: int = 1) -> Workspace:
    """Open a workspace whose clips have no annotations; DataError names the row of the manifest that is wrong."""
    return Workspace(data, work, read_manifest(data), jobs)
