"""A Label Studio server, over its REST API."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from edge.errors import HushdError

LONGEST_TITLE = 50
"""Label Studio's limit for a project, characters."""
_BATCH = 1_000
"""Tasks a request."""
_OPTIONS = {
    "sampling": "Sequential sampling",  # our order is the random one
    "show_instruction": True,
    "show_skip_button": True,
    "show_collab_predictions": False,  # nothing to copy from
    "show_annotation_history": False,
    "enable_empty_annotation": False,
    "maximum_annotations": 1,
}


class LabelStudioError(HushdError):
    """Label Studio cannot be reached, refuses us, or says what we do not understand."""

    exit_code = 69


class LabelStudio:
    """What we ask of the server."""

    def __init__(self, url: str, token: str, wait_s: float = 120.0) -> None:
        """``token``: a personal access token, or a legacy one."""
        self.url = url.rstrip("/")
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise LabelStudioError(f"{url!r} is no address: say http://HOST:PORT")
        if not token.isascii() or not token.isprintable():
            raise LabelStudioError("the token has characters that no token has: copy it again from Account & Settings")
        self._token = token
        self._wait_s = wait_s
        self._authorization = f"Token {token}"

    def find_project(self, title: str) -> dict[str, Any] | None:
        """The project of this title."""
        found = self._ask("GET", f"/api/projects/?page_size=1000&title={quote(title)}")
        try:
            return next((project for project in found["results"] if project["title"] == title), None)
        except (TypeError, KeyError) as error:
            raise self._foreign() from error

    def make_project(self, title: str, description: str, configuration: str, instructions: str) -> dict[str, Any]:
        """A new project without tasks."""
        said = {"label_config": configuration, "expert_instruction": instructions, "description": description}
        made: dict[str, Any] = self._ask("POST", "/api/projects/", {"title": title, **said, **_OPTIONS})
        return made

    def serve_folder(self, project: int, folder: Path) -> None:
        """Let the project's labellers hear the files in this folder, which is below the server's document root."""
        storages = self._ask("GET", f"/api/storages/localfiles/?project={project}")
        if str(folder) not in [storage.get("path") for storage in storages]:
            storage = {"project": project, "path": str(folder), "title": folder.name, "use_blob_urls": True}
            self._ask("POST", "/api/storages/localfiles/", storage)

    def add_tasks(self, project: int, data: Sequence[dict[str, Any]]) -> None:
        """New tasks, to be heard in this order."""
        for first in range(0, len(data), _BATCH):
            tasks = [{"data": each} for each in data[first : first + _BATCH]]
            self._ask("POST", f"/api/projects/{project}/import", tasks)

    def export(self, project: int) -> bytes:
        """Every task with its answers, as ``Export`` with format JSON would give."""
        return self._send("GET", f"/api/projects/{project}/export?exportType=JSON&download_all_tasks=true")

    def accounts(self) -> dict[str, str]:
        """Account number -> e-mail address."""
        try:
            return {str(user["id"]): str(user["email"]) for user in self._ask("GET", "/api/users/")}
        except (TypeError, KeyError) as error:
            raise self._foreign() from error

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        try:
            return json.loads(self._send(method, path, body))
        except ValueError as error:
            raise self._foreign() from error

    def _send(self, method: str, path: str, body: object = None) -> bytes:
        try:
            try:
                return self._request(method, path, body)
            except HTTPError as error:
                if error.code != HTTPStatus.UNAUTHORIZED or not self._renew():
                    raise
            return self._request(method, path, body)
        except HTTPError as error:
            raise LabelStudioError(f"{self.url} refuses {method} {urlsplit(path).path}: {_reason(error)}") from error

    def _renew(self) -> bool:
        """Whether there is a new right to ask: a personal access token, a JWT, buys one that lasts for minutes."""
        if self._token.count(".") != 2:
            return False
        bought = self._request("POST", "/api/token/refresh/", {"refresh": self._token})
        try:
            self._authorization = f"Bearer {json.loads(bought)['access']}"
        except (ValueError, TypeError, KeyError) as error:
            raise self._foreign() from error
        return True

    def _request(self, method: str, path: str, body: object) -> bytes:
        headers = {"Content-Type": "application/json", "Authorization": self._authorization}
        content = None if body is None else json.dumps(body).encode()
        request = Request(self.url + path, content, headers, method=method)  # noqa: S310 - http or https, see above
        try:
            with urlopen(request, timeout=self._wait_s) as answer:  # noqa: S310
                return bytes(answer.read())
        except HTTPError:
            raise
        except (OSError, HTTPException) as error:
            raise LabelStudioError(f"no answer from Label Studio at {self.url}: {error}") from error

    def _foreign(self) -> LabelStudioError:
        return LabelStudioError(f"{self.url} does not answer as Label Studio does: is that its address?")


def _reason(error: HTTPError) -> str:
    """What the server says, in one line."""
    if error.code == HTTPStatus.UNAUTHORIZED:
        return "it does not know the token; copy it again from Account & Settings"
    try:
        said = json.loads(error.read())
        words = said.get("validation_errors") or said.get("detail") or said
    except (ValueError, AttributeError, OSError):
        words = error.reason
    return f"{error.code} {' '.join(str(words).split())[:300]}"
