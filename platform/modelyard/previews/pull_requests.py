"""Comments on pull requests of GitHub and GitLab: one of ours for each, written anew each time.

Both APIs are as documented: "REST API endpoints for issue comments" (GitHub), "Notes API" (GitLab).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from modelyard.errors import CloudError, UsageError

MARK = "<!-- modelyard: this branch's stack -->"
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+(:\d+)?)/(?P<repository>[A-Za-z0-9._/-]+?)"
    r"(?P<kind>/pull|/-/merge_requests)/(?P<number>\d+)"
)
_PAGE = 100
_TIMEOUT_SECONDS = 30
_REFUSED = 400


@dataclass(frozen=True, kw_only=True)
class PullRequest:
    """Where a pull request's comments are.

    Args:
        comments: the address of its comments.
        comment: the address of one of them, without its number.
        header: the header that the token goes into.
        form: what that header holds, with the token in it.
        change: the HTTP method that changes a comment.
    """

    comments: str
    comment: str
    header: str
    form: str
    change: str

    @classmethod
    def at(cls, url: str) -> "PullRequest":
        """Return the pull request at an address for people.

        Raises:
            UsageError: it is the address of none.
        """
        found = _URL.fullmatch(url)
        if found is None:
            hint = "--pull-request-url https://github.com/acme/churn/pull/7"
            raise UsageError(f"{url!r} is no address of a pull request on GitHub or GitLab", hint=hint)
        start, number = f"{found['scheme']}://{found['host']}", found["number"]
        if found["kind"] == "/pull":
            api = "https://api.github.com" if found["host"] == "github.com" else f"{start}/api/v3"
            issues = f"{api}/repos/{found['repository']}/issues"
            return cls(
                comments=f"{issues}/{number}/comments",
                comment=f"{issues}/comments",
                header="Authorization",
                form="Bearer {}",
                change="PATCH",
            )
        project = f"{start}/api/v4/projects/{quote(found['repository'], safe='')}"
        notes = f"{project}/merge_requests/{number}/notes"
        return cls(comments=notes, comment=notes, header="PRIVATE-TOKEN", form="{}", change="PUT")


def publish(request: PullRequest, text: str, token: str) -> bool:
    """Write our comment, or write it anew where there is one.

    Args:
        request: the pull request.
        text: the comment, in Markdown.
        token: what allows it.

    Returns:
        Whether there was one before.

    Raises:
        CloudError: the provider refuses, or can't be reached.
    """
    body = {"body": f"{MARK}\n{text}"}
    headers = {request.header: request.form.format(token), "Accept": "application/json", "User-Agent": "modelyard"}
    page = 1
    while found := _call("GET", f"{request.comments}?per_page={_PAGE}&page={page}", headers):
        for comment in found:
            if str(comment.get("body", "")).startswith(MARK):
                _call(request.change, f"{request.comment}/{comment['id']}", headers, body)
                return True
        page += 1
    _call("POST", request.comments, headers, body)
    return False


def _call(method: str, url: str, headers: Mapping[str, str], body: Mapping[str, str] | None = None) -> Any:
    import urllib3

    content = None if body is None else json.dumps(body).encode()
    sent = {**headers, "Content-Type": "application/json"} if content else dict(headers)
    try:
        answer = urllib3.request(method, url, headers=sent, body=content, timeout=_TIMEOUT_SECONDS, redirect=False)
    except urllib3.exceptions.HTTPError as error:
        raise CloudError(f"{url} can't be reached: {error}", hint="try again") from error
    if answer.status >= _REFUSED:
        hint = "COMMENT_TOKEN needs to be allowed to write comments on pull requests"
        raise CloudError(f"{method} {url} was refused: {answer.status} {answer.reason}", hint=hint)
    try:
        return json.loads(answer.data)
    except ValueError as error:
        raise CloudError(f"{method} {url} gave no JSON: {error}", hint="is it the address of the API?") from error
