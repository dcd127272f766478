"""The errors of this package."""


class DocumentError(Exception):
    """A YAML document is invalid; ``str()`` is one line with the file, the line and the key."""


class GuidelineError(Exception):
    """A guideline file, version or label is invalid; ``str()`` is one line that names it."""
