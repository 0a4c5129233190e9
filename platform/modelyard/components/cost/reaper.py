"""The reaper: a build project that takes dead branches' stacks away, by a schedule.

It does what `modelyard branch reap` does, from the states. That takes git, the programs' engine and minutes, which a
function has not; a build has, and a rule starts it.
"""

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.cost import reaper_policy as policy
from modelyard.components.cost.settings import ReaperSettings
from modelyard.naming import Scope

_IMAGE = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
_LOG_DAYS = 30
_DAY_SECONDS = 86400
_NO_STATE = "where the state is: set cost.reaper.backend"
_INSTALL_PULUMI = 'from pulumi.automation import PulumiCommand; PulumiCommand.install(root="/opt/pulumi")'


@dataclass(frozen=True, kw_only=True)
class ReaperArgs:
    """Wires of the reaper.

    Args:
        account_id: twelve digits.
        kms_key_arn: the key that encrypts its log.
        alarm_topic_arn: who is told when it fails.
        buckets: the platform's buckets that branches write to.
    """

    settings: ReaperSettings
    scope: Scope
    account_id: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]
    alarm_topic_arn: pulumi.Input[str]
    buckets: Sequence[pulumi.Input[str]]


def buildspec(settings: ReaperSettings) -> str:
    """Write what the build does; where modelyard is there already, it is not installed.

    Without a backend the state is that of the home that the build is given; where there is none, it fails at once.
    """
    options = ["--engine", "pulumi", "--target", "aws", "--backend", settings.backend] if settings.backend else []
    remotes = [
        it for project, address in sorted(settings.remotes.items()) for it in ("--remote", f"{project}={address}")
    ]
    install = [f"command -v modelyard || python3 -m pip install --quiet {shlex.quote(settings.package)}"]
    if settings.backend:
        install += [f"command -v pulumi || python3 -c {shlex.quote(_INSTALL_PULUMI)}", "PATH=/opt/pulumi/bin:$PATH"]
    else:
        install = [f': "${{MODELYARD_HOME:?{_NO_STATE}}}"', *install]
    phases = {
        "install": {"runtime-versions": {"python": "3.12"}, "commands": install},
        "build": {"commands": [shlex.join(["modelyard", "branch", "reap", *options, *remotes])]},
    }
    return json.dumps({"version": "0.2", "phases": phases}, indent=2)


class Reaper(Component):
    """Removes the stacks of branches that are gone or whose last day is over; one run at a time.

    Attributes:
        project_name: the build project.
    """

    token = "modelyard:platform:Reaper"  # noqa: S105 - a type token

    def __init__(self, name: str, args: ReaperArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        called = args.scope.name("reaper", limit=64)
        log_name, log_opts = self.child("log")
        log = aws.cloudwatch.LogGroup(
            log_name,
            name=f"/aws/codebuild/{called}",
            retention_in_days=_LOG_DAYS,
            kms_key_id=args.kms_key_arn,
            opts=log_opts,
        )
        project = self._project(args, called, self._role(args, called, log), log)
        self._schedule(args, called, project)
        self._alarm(args, project)
        self.project_name = project.name
        self.register_outputs({"projectName": self.project_name})

    def _role(self, args: ReaperArgs, called: str, log: aws.cloudwatch.LogGroup) -> aws.iam.Role:
        role = self._taken_by("role", args, called, "codebuild.amazonaws.com")
        name, opts = self.child("role-policy")
        document = pulumi.Output.all(args.account_id, log.name, *args.buckets).apply(
            lambda it: json.dumps(policy.reaper(args.scope, it[0], it[1], it[2:]))
        )
        aws.iam.RolePolicy(name, name="reaper", role=role.name, policy=document, opts=opts)
        if chosen := args.settings.backend:
            name, opts = self.child("state-policy")
            secrets = (args.settings.state_key_arn, args.settings.passphrase_secret_arn)
            states = json.dumps(policy.state(args.scope, chosen, *secrets))
            aws.iam.RolePolicy(name, name="state", role=role.name, policy=states, opts=opts)
        return role

    def _taken_by(self, word: str, args: ReaperArgs, called: str, service: str) -> aws.iam.Role:
        name, opts = self.child(word)
        trusted = pulumi.Output.from_input(args.account_id).apply(lambda it: json.dumps(policy.trust(it, service)))
        return aws.iam.Role(name, name=called, assume_role_policy=trusted, opts=opts)

    def _project(
        self, args: ReaperArgs, called: str, role: aws.iam.Role, log: aws.cloudwatch.LogGroup
    ) -> aws.codebuild.Project:
        name, opts = self.child("project", depends_on=[log])
        secret = args.settings.passphrase_secret_arn
        passphrase = aws.codebuild.ProjectEnvironmentEnvironmentVariableArgs(
            name="PULUMI_CONFIG_PASSPHRASE", type="SECRETS_MANAGER", value=secret
        )
        environment = aws.codebuild.ProjectEnvironmentArgs(
            type="LINUX_CONTAINER",
            compute_type="BUILD_GENERAL1_SMALL",
            image=_IMAGE,
            environment_variables=[passphrase] if secret else [],
        )
        return aws.codebuild.Project(
            name,
            name=called,
            description="Takes away the stacks of branches that are gone or whose last day is over",
            service_role=role.arn,
            source={"type": "NO_SOURCE", "buildspec": buildspec(args.settings)},
            artifacts={"type": "NO_ARTIFACTS"},
            environment=environment,
            logs_config={"cloudwatch_logs": {"group_name": log.name, "status": "ENABLED"}},
            build_timeout=args.settings.timeout_minutes,
            concurrent_build_limit=1,
            opts=opts,
        )

    def _schedule(self, args: ReaperArgs, called: str, project: aws.codebuild.Project) -> None:
        name, opts = self.child("rule")
        rule = aws.cloudwatch.EventRule(
            name,
            name=called,
            description="Starts the reaper of branches' stacks",
            schedule_expression=args.settings.schedule,
            opts=opts,
        )
        role = self._taken_by("starter", args, args.scope.name("reaper-starter", limit=64), "events.amazonaws.com")
        name, opts = self.child("starter-policy")
        allowed = project.arn.apply(lambda arn: json.dumps(policy.start(arn)))
        granted = aws.iam.RolePolicy(name, name="start", role=role.name, policy=allowed, opts=opts)
        name, opts = self.child("target", depends_on=[granted])
        aws.cloudwatch.EventTarget(
            name, rule=rule.name, target_id="project", arn=project.arn, role_arn=role.arn, opts=opts
        )

    def _alarm(self, args: ReaperArgs, project: aws.codebuild.Project) -> None:
        name, opts = self.child("failed")
        aws.cloudwatch.MetricAlarm(
            name,
            name=args.scope.name("reaper-failed", limit=255),
            alarm_description="Stacks of branches that should be gone are not: see the reaper's log",
            namespace="AWS/CodeBuild",
            metric_name="FailedBuilds",
            dimensions={"ProjectName": project.name},
            statistic="Sum",
            period=_DAY_SECONDS,
            evaluation_periods=1,
            threshold=0,
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="notBreaching",
            alarm_actions=[args.alarm_topic_arn],
            opts=opts,
        )
