"""The one failure this package expects."""


class GuidelineError(Exception):
    """A guideline file, version or label is wrong; ``str()`` is one line that names the file and the place."""
