"""A plan of ours as a Terraform configuration of the same resources, with the same references between them."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from modelyard import wire
from modelyard.engine.base import Change
from modelyard.localcloud.provider import outputs, pretending, registry
from modelyard.localcloud.provider.session import Session

_SKIPPED = {"tagsAll", "region", "__defaults"}
# Types and inputs that Terraform calls otherwise than by the rules below.
_TYPES = {
    "aws:ec2/natGateway:NatGateway": "aws_nat_gateway",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "aws_iam_openid_connect_provider",
    "aws:s3/bucketObjectv2:BucketObjectv2": "aws_s3_object",
    "aws:cloudtrail/trail:Trail": "aws_cloudtrail",
    "aws:costexplorer/costAllocationTag:CostAllocationTag": "aws_ce_cost_allocation_tag",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "aws_vpc_security_group_ingress_rule",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "aws_vpc_security_group_egress_rule",
}
_LOGS = {"LogGroup", "LogResourcePolicy", "LogMetricFilter", "EventRule", "EventTarget", "MetricAlarm", "Dashboard"}
_INPUTS = {
    ("aws_kms_key", "customerMasterKeySpec"): "customer_master_key_spec",
    ("aws_lambda_function", "name"): "function_name",
    ("aws_lambda_permission", "function"): "function_name",
    ("aws_cloudwatch_metric_alarm", "name"): "alarm_name",
    ("aws_cloudtrail", "s3BucketName"): "s3_bucket_name",
    ("aws_sns_topic_subscription", "topic"): "topic_arn",
    ("aws_cloudwatch_log_metric_filter", "logGroupName"): "log_group_name",
}


def snake(name: str) -> str:
    """Turn `vpcId` into `vpc_id`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def type_of(token: str) -> str:
    """Return Terraform's word for a type."""
    if token in _TYPES:
        return _TYPES[token]
    module, name = token.split(":")[1].partition("/")[0], token.split(":")[2]
    return f"aws_{snake(name)}" if module == "ec2" else f"aws_{module}_{snake(name)}"


class Configuration:
    """Terraform's JSON, made of changes.

    Args:
        changes: all resources of all stacks, planned with pretended outputs.
        schemas: the provider's resource schemas, as `terraform providers schema -json` has them.
        session: the session that the outputs were pretended in.
        archive: the file that functions are made of.
    """

    def __init__(self, changes: Iterable[Change], schemas: Mapping[str, Any], session: Session, archive: str) -> None:
        self._changes = [it for it in changes if it.type.startswith("aws:") and it.planned is not None]
        self._schemas, self._session, self._archive = schemas, session, archive
        self._addresses = {it.urn: f"{type_of(it.type)}.{it.name}" for it in self._changes}
        self._references = dict(self._find_references())
        self._usable: dict[str, str] = {}
        self.left_out: list[str] = []

    def document(self) -> dict[str, Any]:
        """Return the resources as a configuration holds them."""
        found: dict[str, dict[str, Any]] = {}
        for change in self._changes:
            found.setdefault(type_of(change.type), {})[change.name] = self._resource(change)
        return {"resource": found}

    def _find_references(self) -> Iterator[tuple[str, tuple[str, str]]]:
        """Return the texts that stand for what is not known yet, each with whose it is and Terraform's word for it."""
        for change in self._changes:
            assert change.planned is not None
            kind = registry.resource_type(change.type)
            known = outputs.planned(kind, {}, {}, dict(wire.reveal(change.planned.inputs)))
            label, made = pretending.pretended(kind, change.name, known, self._session)
            attributes = self._schemas[type_of(change.type)]["block"]["attributes"]
            for key, value in {**made, "id": label}.items():
                new = key not in change.planned.inputs
                if new and isinstance(value, str) and snake(key) in attributes and value not in known.values():
                    yield value, (change.urn, f"${{{self._addresses[change.urn]}.{snake(key)}}}")

    def _resource(self, change: Change) -> dict[str, Any]:
        assert change.planned is not None
        type_ = type_of(change.type)
        needed = {urn for urns in change.planned.needs.values() for urn in urns}
        self._usable = {
            value: word
            for value, (urn, word) in self._references.items()
            if urn in needed or _project(urn) != _project(change.urn)  # that is another stack's, by its outputs
        }
        body = self._body(dict(wire.reveal(change.planned.inputs)), self._schemas[type_]["block"], type_)
        if type_ == "aws_lambda_function":
            body["filename"] = self._archive
        needed |= set(self._named(change, json.dumps(body)))
        return {**body, "depends_on": sorted(self._addresses[urn] for urn in needed if urn in self._addresses)}

    def _named(self, change: Change, text: str) -> Iterator[str]:
        """Return the buckets of other stacks that a resource names: their names are known, and so no references."""
        for other in self._changes:
            assert other.planned is not None
            name = other.planned.inputs.get("bucket") if other.type == "aws:s3/bucket:Bucket" else None
            if isinstance(name, str) and name in text and _project(other.urn) != _project(change.urn):
                yield other.urn

    def _body(self, inputs: Mapping[str, Any], block: Mapping[str, Any], type_: str) -> dict[str, Any]:
        body: dict[str, Any] = {}
        attributes, blocks = block.get("attributes", {}), block.get("block_types", {})
        for key, value in inputs.items():
            if key in _SKIPPED or value is None:
                continue
            name = next((it for it in _names(type_, key) if it in attributes or it in blocks), "")
            if name in blocks:
                body[name] = self._blocks(value, blocks[name]["block"], type_)
            elif name and (attributes[name].get("optional") or attributes[name].get("required")):
                body[name] = self._value(value, attributes[name].get("type"))
            elif not name:
                self.left_out.append(f"{type_}.{key}")
        return body

    def _blocks(self, value: Any, block: Mapping[str, Any], type_: str) -> Any:
        if isinstance(value, list):
            return [self._body(it, block, type_) for it in value]
        return self._body(value, block, type_)

    def _value(self, value: Any, kind: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self._value(it, kind[1] if isinstance(kind, list) else None) for it in value]
        if isinstance(value, Mapping):
            is_object = isinstance(kind, list) and kind[0] == "object"
            return {snake(key) if is_object else key: self._value(it, None) for key, it in value.items()}
        return value

    def _text(self, text: str) -> str:
        plain = text.replace("${", "$${").replace("%{", "%%{")
        for value in sorted(self._usable, key=len, reverse=True):
            plain = plain.replace(value, self._usable[value])
        return plain


def _project(urn: str) -> str:
    return urn.split("::")[1]


def _names(type_: str, key: str) -> Iterator[str]:
    """Return what Terraform may call an input: the same in another case, or in the singular."""
    yield _INPUTS.get((type_, key), "")
    word = snake(key)
    yield word
    yield word.removesuffix("ies") + "y"
    yield word.removesuffix("es")
    yield word.removesuffix("s")


def provider(tags: Mapping[str, str]) -> dict[str, Any]:
    """Return the provider's part of a configuration."""
    aws = {"region": "us-east-1", "s3_use_path_style": True, "skip_credentials_validation": True}
    aws |= {"skip_metadata_api_check": True, "max_retries": 2, "default_tags": {"tags": dict(tags)}}
    return {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
        "provider": {"aws": aws},
    }


def written(configuration: Configuration, tags: Mapping[str, str]) -> str:
    """Return the whole configuration as JSON."""
    return json.dumps({**provider(tags), **configuration.document()}, indent=2)
