"""What git knows of this checkout."""

import subprocess
from pathlib import Path


def commit_with(folder: Path) -> str:
    """Return the newest commit, abbreviated, that added or changed a file of ``folder``; empty if git has none.

    A deletion does not count, so the commit still holds a folder that has left the tree.
    """
    try:
        return git(folder.parent, "log", "-1", "--diff-filter=AM", "--format=%h", "--", folder.name)
    except (OSError, subprocess.CalledProcessError):
        return ""


def git(repository: Path, *words: str) -> str:
    """Return the output of a git command, stripped; raise CalledProcessError where it fails."""
    done = subprocess.run(["git", *words], cwd=repository, capture_output=True, text=True, check=True)
    return done.stdout.strip()
