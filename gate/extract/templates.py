"""CloudFormation templates that a plan writes out: whether one makes nothing but resources without an identity.

The list holds what is understood: types that are no identity, run as none and are entered by nobody unless a property
says so. A type that is not listed, a property that names a role or a policy, a transform and a template elsewhere
leave the stack opaque.
"""

from __future__ import annotations

import re
from typing import Any

from gate.extract.secrets.places import as_json, as_yaml
from gate.inputs.documents import TerraformResource

_STACKS = frozenset(("aws_cloudformation_stack", "aws_cloudformation_stack_set"))
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/introduction.html, read 2026-11
_WITHOUT_IDENTITY = frozenset(
    f"AWS::{service}::{name}"
    for service, names in {
        "CloudWatch": "Alarm AnomalyDetector CompositeAlarm Dashboard",
        "DynamoDB": "Table GlobalTable",
        "EC2": "VPC Subnet RouteTable Route SubnetRouteTableAssociation InternetGateway VPCGatewayAttachment "
        "NatGateway EIP EIPAssociation NetworkAcl NetworkAclEntry DHCPOptions VPCDHCPOptionsAssociation PlacementGroup",
        "ElastiCache": "SubnetGroup ParameterGroup",
        "Events": "EventBus",
        "Kinesis": "Stream",
        "KMS": "Alias",
        "Logs": "LogGroup LogStream MetricFilter QueryDefinition",
        "RDS": "DBSubnetGroup DBParameterGroup DBClusterParameterGroup OptionGroup",
        "Route53": "HostedZone RecordSet RecordSetGroup HealthCheck",
        "S3": "Bucket",
        "SNS": "Topic",
        "SQS": "Queue",
        "SSM": "Parameter",
        "CloudFormation": "WaitConditionHandle WaitCondition",
    }.items()
    for name in names.split()
)
_SAYS_MORE = re.compile(r"polic|role|principal|permission|credential|password|endpoint|subscription", re.IGNORECASE)
_MAY = frozenset(
    ("RedrivePolicy", "RedriveAllowPolicy", "DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy", "CreationPolicy")
)


def is_harmless_stack(resource: TerraformResource, values: dict[str, Any]) -> bool:
    """Whether a stack's template stands in the plan and makes nothing that bears identity."""
    body = values.get("template_body")
    if resource.type not in _STACKS or not isinstance(body, str) or values.get("template_url"):
        return False
    template = as_json(body) if body.lstrip().startswith("{") else as_yaml(body)
    made = template.get("Resources") if isinstance(template, dict) else None
    if not isinstance(template, dict) or not isinstance(made, dict) or not made or "Transform" in template:
        return False
    return all(_is_plain(one) for one in made.values())


def _is_plain(made: object) -> bool:
    return isinstance(made, dict) and made.get("Type") in _WITHOUT_IDENTITY and not _says_more(made.get("Properties"))


def _says_more(value: object) -> bool:
    if isinstance(value, dict):
        return any(
            (_SAYS_MORE.search(str(k)) and k not in _MAY) or "Transform" in str(k) or _says_more(v)
            for k, v in value.items()
        )
    return isinstance(value, list) and any(map(_says_more, value))
