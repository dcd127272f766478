"""The state folder: systemd's, or no folder."""

from pathlib import Path

import pytest

from edge.process.state_folder import service_state_folder


@pytest.mark.parametrize(("variable", "folder"), [("/var/lib/hushd", Path("/var/lib/hushd")), ("", None), (None, None)])
def test_the_folder_is_that_of_the_service(
    variable: str | None, folder: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    if variable is not None:
        monkeypatch.setenv("STATE_DIRECTORY", variable)
    assert service_state_folder() == folder
