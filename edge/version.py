"""The version of hushd."""

from importlib import metadata


def version() -> str:
    """Return the version of the installed distribution, ``0+uninstalled`` without one."""
    try:
        return metadata.version("hushd")
    except metadata.PackageNotFoundError:
        return "0+uninstalled"
