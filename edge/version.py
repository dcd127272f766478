"""Which hushd this is."""

from importlib import metadata


def version() -> str:
    """Of the installed distribution."""
    try:
        return metadata.version("hushd")
    except metadata.PackageNotFoundError:
        return "0+uninstalled"
