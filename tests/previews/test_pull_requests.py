"""Comments on pull requests, written to a server that keeps them as GitHub and GitLab do."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from modelyard.errors import CloudError, UsageError
from modelyard.previews.pull_requests import MARK, PullRequest, publish


class Provider(BaseHTTPRequestHandler):
    """Keeps comments by number, a hundred on a page, and what was asked."""

    comments: dict[int, str]
    asked: list[tuple[str, str]]
    token: tuple[str, str]

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        size, page = int(query["per_page"][0]), int(query["page"][0])
        found = [{"id": number, "body": body} for number, body in sorted(self.comments.items())]
        self._answer(found[(page - 1) * size : page * size])

    def do_POST(self) -> None:
        self._write(max(self.comments, default=0) + 1)

    def do_PATCH(self) -> None:
        self._write(int(self.path.rsplit("/", 1)[1]))

    def do_PUT(self) -> None:
        self.do_PATCH()

    def _write(self, number: int) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]
        if self._allowed():
            self.comments[number] = body  # before the answer, after which it is looked for
        self._answer({"id": number})

    def _allowed(self) -> bool:
        header, value = self.token
        return self.headers.get(header) == value

    def _answer(self, document: object) -> None:
        allowed = self._allowed()
        self.asked.append((self.command, urlsplit(self.path).path))
        content = json.dumps(document if allowed else {"message": "Bad credentials"}).encode()
        self.send_response(200 if allowed else 401)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def provider() -> Iterator[tuple[type[Provider], str]]:
    kind = type("Kept", (Provider,), {"comments": {}, "asked": [], "token": ("Authorization", "Bearer t0ken")})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield kind, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_first_time_a_comment_is_made_and_later_it_is_changed(provider: tuple[type[Provider], str]):
    kind, url = provider
    kind.comments[1] = "somebody's"
    request = PullRequest.at(f"{url}/acme/churn/pull/7")
    assert publish(request, "one", "t0ken") is False
    assert publish(request, "two", "t0ken") is True
    assert kind.comments == {1: "somebody's", 2: f"{MARK}\ntwo"}
    api = "/api/v3/repos/acme/churn/issues"
    assert kind.asked == [
        ("GET", f"{api}/7/comments"),
        ("GET", f"{api}/7/comments"),
        ("POST", f"{api}/7/comments"),
        ("GET", f"{api}/7/comments"),
        ("PATCH", f"{api}/comments/2"),
    ]


def test_gitlabs_are_notes(provider: tuple[type[Provider], str]):
    kind, url = provider
    kind.token = ("PRIVATE-TOKEN", "t0ken")
    request = PullRequest.at(f"{url}/acme/group/churn/-/merge_requests/7")
    publish(request, "one", "t0ken")
    publish(request, "two", "t0ken")
    notes = "/api/v4/projects/acme%2Fgroup%2Fchurn/merge_requests/7/notes"
    assert kind.comments == {1: f"{MARK}\ntwo"}
    assert kind.asked == [("GET", notes), ("POST", notes), ("GET", notes), ("PUT", f"{notes}/1")]


def test_ours_is_found_on_any_page(provider: tuple[type[Provider], str]):
    kind, url = provider
    kind.comments.update(dict.fromkeys(range(1, 251), "somebody's"))
    kind.comments[240] = f"{MARK}\none"
    assert publish(PullRequest.at(f"{url}/acme/churn/pull/7"), "two", "t0ken") is True
    assert kind.comments[240] == f"{MARK}\ntwo"
    assert len(kind.comments) == 250


def test_a_wrong_token_is_said(provider: tuple[type[Provider], str]):
    kind, url = provider
    with pytest.raises(CloudError, match="401") as error:
        publish(PullRequest.at(f"{url}/acme/churn/pull/7"), "one", "wrong")
    assert error.value.hint == "COMMENT_TOKEN needs to be allowed to write comments on pull requests"
    assert "wrong" not in str(error.value)
    assert kind.comments == {}


def test_githubs_own_address_is_that_of_its_api():
    request = PullRequest.at("https://github.com/acme/churn/pull/7")
    assert request.comments == "https://api.github.com/repos/acme/churn/issues/7/comments"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "7",
        "https://github.com/acme/churn",
        "https://github.com/acme/churn/pull/x",
        "https://github.com/acme/churn/pull/7\n",
        "https://user:secret@github.com/acme/churn/pull/7",
        "file:///acme/churn/pull/7",
        "https://github.com/acme/churn/pull/7?x=1",
    ],
)
def test_what_is_no_address_of_a_pull_request_is_refused(url: str):
    with pytest.raises(UsageError) as error:
        PullRequest.at(url)
    assert error.value.hint == "--pull-request-url https://github.com/acme/churn/pull/7"


def test_the_verb(provider: tuple[type[Provider], str], tmp_path: Path):
    kind, url = provider
    (tmp_path / "comment.md").write_text("# plan\n")
    words = [sys.executable, "-m", "modelyard", "comment", "comment.md", "--pull-request-url", f"{url}/a/b/pull/7"]

    def typed(token: str) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, "COMMENT_TOKEN": token}
        return subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert (typed("t0ken").stdout, typed("t0ken").stdout) == ("wrote the comment\n", "wrote the comment anew\n")
    assert kind.comments == {1: f"{MARK}\n# plan\n"}
    alone = typed("")
    assert (alone.returncode, alone.stdout) == (0, "# plan\n")
    assert "there is no COMMENT_TOKEN" in alone.stderr
    (tmp_path / "comment.md").unlink()
    assert typed("t0ken").returncode == 2
