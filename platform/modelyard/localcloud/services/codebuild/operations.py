"""Operations on build projects and on builds; all of them are documents of ours."""

import re
import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from moto.codebuild.exceptions import (
    InvalidInputException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
)
from moto.codebuild.responses import CodeBuildResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, EmptyResult

from modelyard.localcloud.runtime import builds
from modelyard.localcloud.runtime.host import ACCOUNT
from modelyard.localcloud.runtime.logs import now

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud

KIND = "BuildProject"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,149}")
_PAGE = 100
_MINUTES, _QUEUED_MINUTES = 60, 480
_MEMBERS = (
    "artifacts",
    "autoRetryLimit",
    "buildBatchConfig",
    "cache",
    "concurrentBuildLimit",
    "description",
    "encryptionKey",
    "environment",
    "fileSystemLocations",
    "logsConfig",
    "queuedTimeoutInMinutes",
    "secondaryArtifacts",
    "secondarySourceVersions",
    "secondarySources",
    "serviceRole",
    "source",
    "sourceVersion",
    "tags",
    "timeoutInMinutes",
    "vpcConfig",
)
_REQUIRED = ("source", "artifacts", "environment", "serviceRole")
# Of these an empty value takes away what was there.
_OPTIONAL = frozenset({"vpcConfig", "description", "buildBatchConfig"})


class BuildOperations(CodeBuildResponse):
    """Operations of CodeBuild on projects and builds."""

    cloud: ClassVar["LocalCloud"]

    def create_project(self) -> ActionResult:
        """Make a project."""
        name = str(self._get_param("name") or "")
        if not _NAME.fullmatch(name):
            raise InvalidInputException(f"Project name {name!r} is invalid: it must match {_NAME.pattern}")
        given = self._given()
        self._check({**dict.fromkeys(_REQUIRED), **given})
        moment = now()
        key = f"arn:aws:kms:{self.region}:{ACCOUNT}:alias/aws/s3"
        standard = {"timeoutInMinutes": _MINUTES, "queuedTimeoutInMinutes": _QUEUED_MINUTES, "encryptionKey": key}
        document: dict[str, Any] = {
            "cache": {"type": "NO_CACHE"},
            "tags": [],
            "badge": {"badgeEnabled": False},
            **standard,
            "name": name,
            "arn": self._arn(name),
            "created": moment,
            "lastModified": moment,
            "builds": 0,
            "projectVisibility": "PRIVATE",
            **given,
        }
        if not self._projects.add(name, document):
            raise ResourceAlreadyExistsException(f"Project already exists: {self._arn(name)}")
        return ActionResult({"project": document})

    def update_project(self) -> ActionResult:
        """Change what is given of a project; the rest stays."""
        name = self._project(str(self._get_param("name")))["name"]
        given = self._given()
        self._check(given)
        emptied = {member for member in _OPTIONAL & given.keys() if not given[member]}

        def changed(before: dict[str, Any]) -> dict[str, Any]:
            after = {**before, **given, "lastModified": now()}
            if after.get("concurrentBuildLimit", 0) < 0:  # how AWS is told that there is no limit any more
                del after["concurrentBuildLimit"]
            return {key: value for key, value in after.items() if key not in emptied}

        return ActionResult({"project": self._projects.change(name, changed)})

    def delete_project(self) -> EmptyResult:
        """Delete a project with its builds; one that isn't there is no error."""
        name = str(self._get_param("name")).rpartition("/")[2]
        self._projects.remove(name)
        for build in self._of_project(name):
            self.cloud.builds.stop(build["id"])
            self._builds.remove(build["id"])
        return EmptyResult()

    def batch_get_projects(self) -> ActionResult:
        """Describe projects by name or ARN."""
        wanted = list(self._get_param("names") or [])
        found = {name: self._projects.get(name.rpartition("/")[2]) for name in wanted}
        missing = [name for name, document in found.items() if document is None]
        return ActionResult({"projects": [it for it in found.values() if it], "projectsNotFound": missing})

    def list_projects(self) -> ActionResult:
        """List the projects' names, page after page."""
        key = {"CREATED_TIME": "created", "LAST_MODIFIED_TIME": "lastModified"}.get(self._get_param("sortBy"), "name")
        listed = sorted(
            self._projects.all(), key=lambda it: it[key], reverse=self._get_param("sortOrder") == "DESCENDING"
        )
        return ActionResult(self._page("projects", [it["name"] for it in listed]))

    def start_build(self) -> ActionResult:
        """Start a build."""
        project = self._project(str(self._get_param("projectName")))
        limit = project.get("concurrentBuildLimit")
        running = [it for it in self._of_project(project["name"]) if it["buildStatus"] == builds.RUNNING]
        if limit and len(running) >= limit:
            text = f"Project {project['name']} has a concurrent build limit of {limit}, which is reached"
            raise JsonRESTError("AccountLimitExceededException", text)
        self._projects.change(project["name"], lambda it: {**it, "builds": it["builds"] + 1})
        build = self._new_build(project)
        self._builds.add(build["id"], build)
        self.cloud.builds.start(self.region, build)
        return ActionResult({"build": build})

    def stop_build(self) -> ActionResult:
        """Stop a build; one that is over stays as it is."""
        build = self._builds.get(str(self._get_param("id")))
        if build is None:
            raise ResourceNotFoundException(f"Build {self._get_param('id')} does not exist")
        self.cloud.builds.stop(build["id"])
        return ActionResult({"build": build})

    def batch_get_builds(self) -> ActionResult:
        """Describe builds by id."""
        found = {name: self._builds.get(name) for name in self._get_param("ids") or []}
        missing = [name for name, document in found.items() if document is None]
        return ActionResult({"builds": [it for it in found.values() if it], "buildsNotFound": missing})

    def list_builds(self) -> ActionResult:
        """List the ids of all builds, page after page."""
        return ActionResult(self._ids(self._builds.all()))

    def list_builds_for_project(self) -> ActionResult:
        """List the ids of a project's builds, page after page."""
        return ActionResult(self._ids(self._of_project(self._project(str(self._get_param("projectName")))["name"])))

    def _new_build(self, project: dict[str, Any]) -> dict[str, Any]:
        build_id = f"{project['name']}:{uuid.uuid4()}"
        moment, number = now(), project["builds"] + 1
        overrides = self._get_param("environmentVariablesOverride") or []
        variables = {it["name"]: it for it in (*project["environment"].get("environmentVariables", []), *overrides)}
        source = {**project["source"], "buildspec": self._get_param("buildspecOverride") or _spec_of(project)}
        kept = (project.get("logsConfig") or {}).get("cloudWatchLogs") or {}
        stream = "/".join(filter(None, [kept.get("streamName"), build_id.partition(":")[2]]))
        return {
            "id": build_id,
            "arn": f"arn:aws:codebuild:{self.region}:{ACCOUNT}:build/{build_id}",
            "projectName": project["name"],
            "buildNumber": number,
            "buildStatus": builds.RUNNING,
            "buildComplete": False,
            "currentPhase": "QUEUED",
            "startTime": moment,
            "phases": [{"phaseType": "SUBMITTED", "phaseStatus": "SUCCEEDED", "startTime": moment, "endTime": moment}],
            "source": source,
            "artifacts": {"location": ""},
            "environment": {**project["environment"], "environmentVariables": list(variables.values())},
            "serviceRole": project["serviceRole"],
            "initiator": "local-cloud",
            "timeoutInMinutes": int(self._get_param("timeoutInMinutesOverride") or project["timeoutInMinutes"]),
            "queuedTimeoutInMinutes": project["queuedTimeoutInMinutes"],
            "encryptionKey": project["encryptionKey"],
            "logs": {"groupName": kept.get("groupName") or f"/aws/codebuild/{project['name']}", "streamName": stream},
        }

    def _given(self) -> dict[str, Any]:
        """Return what is given of a project, with what AWS fills in."""
        given = {member: self._get_param(member) for member in _MEMBERS if self._get_param(member) is not None}
        if environment := given.get("environment"):
            typed = [{"type": "PLAINTEXT", **it} for it in environment.get("environmentVariables") or []]
            standard = {"imagePullCredentialsType": "CODEBUILD", "privilegedMode": False}
            given["environment"] = {**standard, **environment, "environmentVariables": typed}
        return given

    def _check(self, given: dict[str, Any]) -> None:
        missing = [name for name in _REQUIRED if name in given and not given[name]]
        if missing:
            raise InvalidInputException(f"{missing[0]} is required")
        role = given.get("serviceRole")
        if role and not re.fullmatch(rf"arn:aws[\w-]*:iam::{ACCOUNT}:role/.+", role):
            raise InvalidInputException("Invalid service role: Service role account ID does not match caller's account")
        source = given.get("source") or {}
        if source.get("type") == "NO_SOURCE" and not source.get("buildspec"):
            raise InvalidInputException("Invalid project source: buildspec is required for NO_SOURCE")

    def _project(self, name: str) -> dict[str, Any]:
        found = self._projects.get(name.rpartition("/")[2])
        if found is None:
            raise ResourceNotFoundException(f"Project cannot be found: {self._arn(name.rpartition('/')[2])}")
        return dict(found)

    def _of_project(self, name: str) -> list[dict[str, Any]]:
        return [it for it in self._builds.all() if it["projectName"] == name]

    def _ids(self, found: list[dict[str, Any]]) -> dict[str, Any]:
        newest_first = self._get_param("sortOrder") != "ASCENDING"
        return self._page("ids", [it["id"] for it in (reversed(found) if newest_first else found)])

    def _page(self, member: str, items: list[str]) -> dict[str, Any]:
        token = str(self._get_param("nextToken") or 0)
        if not token.isdigit():
            raise InvalidInputException(f"Invalid next token: {token}")
        end = int(token) + _PAGE
        more = {"nextToken": str(end)} if len(items) > end else {}
        return {member: items[int(token) : end], **more}

    def _arn(self, name: str) -> str:
        return f"arn:aws:codebuild:{self.region}:{ACCOUNT}:project/{name}"

    @property
    def _projects(self) -> Any:
        return self.cloud.store.collection(self.region, KIND)

    @property
    def _builds(self) -> Any:
        return self.cloud.store.collection(self.region, builds.KIND)


def _spec_of(project: dict[str, Any]) -> str:
    return str(project["source"].get("buildspec") or "")
