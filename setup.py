"""Ships models/ with the package, as <sys.prefix>/share/hushd/models.

The one thing pyproject.toml cannot say without an edit at each release: a folder a model, whatever models there are.
"""

from pathlib import Path

from setuptools import setup

MODELS = Path("models")
folders = [MODELS, *(path for path in sorted(MODELS.glob("*")) if path.is_dir())]

setup(
    data_files=[
        (f"share/hushd/{folder.as_posix()}", [str(path) for path in sorted(folder.iterdir()) if path.is_file()])
        for folder in folders
        if folder.is_dir()
    ]
)
