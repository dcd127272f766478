"""A client of Label Studio's REST API, over httpx.

label-studio-sdk is the alternative. For eight calls it adds about forty packages, among them OpenCV, NLTK and black,
and its pinned OpenCV release limits numpy to versions below 2.3.
"""

from collections.abc import Generator, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from edge.errors import HushdError

LONGEST_TITLE = 50
"""Label Studio's limit for a project title, characters."""
_BATCH = 1_000
"""Number of tasks in one request."""
_REFRESH = "/api/token/refresh/"
_OPTIONS = {
    "sampling": "Sequential sampling",  # the plan's order is random already
    "show_instruction": True,
    "show_skip_button": True,
    "show_collab_predictions": False,  # a labeler must not copy
    "show_annotation_history": False,
    "enable_empty_annotation": False,
    "maximum_annotations": 1,
}


class LabelStudioError(HushdError):
    """Label Studio is unreachable, rejects a request, or returns an unexpected response."""

    exit_code = 69


class LabelStudio:
    """The REST API calls for sending tasks and importing answers; each raises LabelStudioError.

    A failed call is not repeated, because a repeated import would add its tasks twice. Running the command again
    completes what is missing.
    """

    def __init__(self, url: str, token: str, wait_s: float = 120.0) -> None:
        """Check the URL and the token, which is a personal access token or a legacy one."""
        self.url = url.rstrip("/")
        if not _is_address(self.url):
            raise LabelStudioError(f"--url {url!r} is not a valid URL; expected http://HOST:PORT")
        if not token.isascii() or not token.isprintable():
            raise LabelStudioError("the access token has invalid characters: copy it again from Account & Settings")
        self._client = httpx.Client(
            base_url=self.url,
            auth=_Token(self.url, token),
            timeout=wait_s,
            limits=httpx.Limits(
                max_keepalive_connections=0
            ),  # a connection ends with its call, so the client needs no close
        )

    def find_project(self, title: str) -> dict[str, Any] | None:
        """Return the project with this title, or None."""
        page = self._json("GET", "/api/projects/", params={"page_size": 1000, "title": title})
        try:
            return next((project for project in page["results"] if project["title"] == title), None)
        except (TypeError, KeyError) as error:
            raise _foreign(self.url) from error

    def make_project(self, title: str, description: str, configuration: str, instructions: str) -> dict[str, Any]:
        """Create and return a project without tasks."""
        texts = {"label_config": configuration, "expert_instruction": instructions, "description": description}
        project: dict[str, Any] = self._json("POST", "/api/projects/", json={"title": title, **texts, **_OPTIONS})
        return project

    def serve_folder(self, project: int, folder: Path) -> None:
        """Give the project access to the files in this folder, which is below the server's document root."""
        storages = self._json("GET", "/api/storages/localfiles/", params={"project": project})
        if str(folder) not in [storage.get("path") for storage in storages]:
            storage = {"project": project, "path": str(folder), "title": folder.name, "use_blob_urls": True}
            self._json("POST", "/api/storages/localfiles/", json=storage)

    def add_tasks(self, project: int, data: Sequence[dict[str, Any]]) -> None:
        """Add tasks in the order in which they are shown."""
        for first in range(0, len(data), _BATCH):
            tasks = [{"data": each} for each in data[first : first + _BATCH]]
            self._json("POST", f"/api/projects/{project}/import", json=tasks)

    def export(self, project: int) -> bytes:
        """Return every task with its answers, as the page's JSON export."""
        options = {"exportType": "JSON", "download_all_tasks": "true"}
        return self._send("GET", f"/api/projects/{project}/export", params=options).content

    def accounts(self) -> dict[str, str]:
        """Return account number -> e-mail address."""
        try:
            return {str(user["id"]): str(user["email"]) for user in self._json("GET", "/api/users/")}
        except (TypeError, KeyError) as error:
            raise _foreign(self.url) from error

    def _json(self, method: str, path: str, **content: Any) -> Any:
        try:
            return self._send(method, path, **content).json()
        except ValueError as error:
            raise _foreign(self.url) from error

    def _send(self, method: str, path: str, **content: Any) -> httpx.Response:
        try:
            answer = self._client.request(method, path, **content)
        except httpx.HTTPError as error:
            raise LabelStudioError(
                f"no response from Label Studio at {self.url}: {error}; start it, or correct --url"
            ) from error
        if not answer.is_success:
            call = f"{answer.request.method} {answer.request.url.path}"
            raise LabelStudioError(f"{self.url} rejects {call}: {_reason(answer)}")
        return answer


class _Token(httpx.Auth):
    """Authorization by a token; a personal token, a JWT, is exchanged for an access token valid for minutes."""

    requires_response_body = True

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        self._authorization = f"Token {token}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = self._authorization
        answer = yield request
        if answer.status_code != HTTPStatus.UNAUTHORIZED or self._token.count(".") != 2:
            return
        renewal = {"refresh": self._token}
        answer = yield httpx.Request("POST", self._url + _REFRESH, json=renewal, extensions=request.extensions)
        if not answer.is_success:
            return  # httpx returns this response to the caller
        try:
            self._authorization = f"Bearer {answer.json()['access']}"
        except (ValueError, TypeError, KeyError) as error:
            raise _foreign(self._url) from error
        request.headers["Authorization"] = self._authorization
        yield request


def _is_address(url: str) -> bool:
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return parts.scheme in ("http", "https") and bool(parts.host)


def _foreign(url: str) -> LabelStudioError:
    return LabelStudioError(f"{url} does not respond as Label Studio does: check --url")


def _reason(answer: httpx.Response) -> str:
    """Return the server's reason in one line."""
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        return "the token is unknown; copy it again from Account & Settings"
    if answer.has_redirect_location:  # not followed, because a POST would arrive as a GET
        return f"it redirects to {answer.headers['location']}; use that address"
    try:
        body = answer.json()
        text = body.get("validation_errors") or body.get("detail") or body
    except (ValueError, AttributeError):
        text = answer.reason_phrase
    return f"{answer.status_code} {' '.join(str(text).split())[:300]}"
