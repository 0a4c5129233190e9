"""What a resource that is not made yet may give out: texts of the right form in the place of what is not known.

A plan that is judged before anything is made has to be whole: a policy document that names a bucket's ARN is otherwise
unknown as long as there is no bucket.
"""

from typing import Any

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.schema import snake_case
from modelyard.localcloud.provider.session import Session
from modelyard.naming import digest
from modelyard.wire import Props

_GLOBAL = {"iam", "cloudfront", "route53"}  # their ARNs have no region
# What ARNs begin with where it is not the type's own words: service and resource. Source: the Service Authorization
# Reference.
_FORMS = {
    "cloudwatch/logGroup": ("logs", "log-group:"),
    "cloudwatch/eventRule": ("events", "rule/"),
    "cloudwatch/metricAlarm": ("cloudwatch", "alarm:"),
    "cloudwatch/dashboard": ("cloudwatch", "dashboard/"),
    "iam/openIdConnectProvider": ("iam", "oidc-provider/"),
    "lambda/function": ("lambda", "function:"),
    "secretsmanager/secret": ("secretsmanager", "secret:"),
    "sns/topic": ("sns", ""),
    "sqs/queue": ("sqs", ""),
}


def pretended(resource: ResourceType, name: str, known: Props, aws: Session) -> tuple[str, Props]:
    """Return the identifier and the outputs of a resource as if it were there.

    Args:
        resource: its type.
        name: its name in the program.
        known: what is known of its outputs.
        aws: where it is going to be.
    """
    physical = known.get(resource.name_property or "")
    label = physical if isinstance(physical, str) else f"{name}-{digest(name)}"
    outputs: dict[str, Any] = dict(known)
    for key, kind in resource.schema.outputs.items():
        if key not in outputs and key not in resource.schema.inputs and kind.word == "string":
            outputs[key] = _arn(resource, label, aws) if key.lower().endswith("arn") else f"{label}-{key}"
    return label, {**outputs, "id": label}


def _arn(resource: ResourceType, label: str, aws: Session) -> str:
    module = resource.pulumi_type.split(":")[1]
    service, _, kind = module.partition("/")
    if service == "s3":
        return f"arn:aws:s3:::{label}"
    service, head = _FORMS.get(module, (service, f"{snake_case(kind).replace('_', '-')}/"))
    region = "" if service in _GLOBAL else aws.region
    return f"arn:aws:{service}:{region}:{aws.account_id}:{head}{label}"
