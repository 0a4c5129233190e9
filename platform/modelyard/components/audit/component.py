"""Audit: a trail of every call in the account and of every access to the environment's objects, and its alarms."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.audit import policy
from modelyard.components.audit.alarms import AuditAlarms, AuditAlarmsArgs
from modelyard.components.audit.settings import AuditSettings
from modelyard.naming import Scope
from modelyard.private_bucket.component import PrivateBucket, PrivateBucketArgs
from modelyard.private_bucket.policy import expiry


@dataclass(frozen=True, kw_only=True)
class AuditArgs:
    """Wires of the audit trail.

    Args:
        bucket_arns: the buckets whose objects are watched.
        access_log_bucket: where the record of requests to the trail's own bucket goes.
    """

    settings: AuditSettings
    scope: Scope
    account_id: pulumi.Input[str]
    log_key_arn: pulumi.Input[str]
    bucket_arns: Sequence[pulumi.Input[str]]
    access_log_bucket: pulumi.Input[str]


class Audit(Component):
    """A CloudTrail trail of all regions, whose files can't be changed unseen; none where the settings say so.

    Attributes:
        trail_arn: the trail; empty when there is none.
    """

    token = "modelyard:platform:Audit"  # noqa: S105 - a type token

    def __init__(self, name: str, args: AuditArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.trail_arn: pulumi.Input[str] = self._trail(args).arn if args.settings.trail else ""
        self.register_outputs({"trailArn": self.trail_arn})

    def _trail(self, args: AuditArgs) -> aws.cloudtrail.Trail:
        group, role_arn = self._log(args)
        if args.settings.alarms:
            self._alarm(args, group)
        selectors: pulumi.Output[Any] = pulumi.Output.all(*args.bucket_arns).apply(policy.events)
        name, opts = self.child("trail")
        return aws.cloudtrail.Trail(
            name,
            name=policy.trail_name(args.scope),
            s3_bucket_name=self._bucket(args).name,
            cloud_watch_logs_group_arn=group.arn.apply(lambda arn: f"{arn}:*"),
            cloud_watch_logs_role_arn=role_arn,
            kms_key_id=args.log_key_arn,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            advanced_event_selectors=selectors,
            opts=opts,
        )

    def _alarm(self, args: AuditArgs, group: aws.cloudwatch.LogGroup) -> None:
        name, opts = self.child("alarms")
        wires = AuditAlarmsArgs(
            settings=args.settings,
            scope=args.scope,
            account_id=args.account_id,
            log_key_arn=args.log_key_arn,
            log_group=group.name,
        )
        AuditAlarms(name, wires, opts)

    def _bucket(self, args: AuditArgs) -> PrivateBucket:
        name, opts = self.child("files")
        wires = PrivateBucketArgs(
            scope=args.scope,
            word="audit",
            account_id=args.account_id,
            kms_key_arn=args.log_key_arn,
            rules=[expiry(args.settings.retention_days)],
            statements=partial(policy.delivery, args.scope),
            access_log_bucket=args.access_log_bucket,
        )
        return PrivateBucket(name, wires, opts)

    def _log(self, args: AuditArgs) -> tuple[aws.cloudwatch.LogGroup, pulumi.Output[str]]:
        """Make the log group that the trail is read in at once, and the role that writes it."""
        name, opts = self.child("log")
        group = aws.cloudwatch.LogGroup(
            name,
            name=f"/aws/cloudtrail/{args.scope.name('trail', limit=256)}",
            retention_in_days=args.settings.retention_days,
            kms_key_id=args.log_key_arn,
            opts=opts,
        )
        account = pulumi.Output.from_input(args.account_id)
        name, opts = self.child("role")
        role = aws.iam.Role(
            name,
            name=args.scope.name("trail", limit=64),
            description="Writes the audit trail's log",
            assume_role_policy=account.apply(lambda it: json.dumps(policy.role_trust(args.scope, it))),
            opts=opts,
        )
        name, opts = self.child("role-policy")
        document = group.arn.apply(lambda arn: json.dumps(policy.log_delivery(args.scope, arn)))
        granted = aws.iam.RolePolicy(name, name="deliver", role=role.name, policy=document, opts=opts)
        # Who takes the role's ARN waits until the role may write: AWS tries it when the trail is made.
        return group, pulumi.Output.all(role.arn, granted.id).apply(lambda it: it[0])
