"""What a grant says beside what it reaches, and a resource's own policy beside its words."""

import pytest

from gate.extract.aws.access import grant_facts
from gate.extract.aws.identities.named_principals import service
from gate.extract.aws.language.condition_facts import read_condition
from gate.extract.aws.resources.resource_grant_facts import with_effects
from gate.model.access import Condition, Grant, Identity, Principal, ResourceGrant, Source, Workload

_OWN = "${cognito-identity.amazonaws.com:sub}"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole", "service-role/AWSGlueServiceRole"),
        ("arn:aws-cn:iam::aws:policy/AdministratorAccess", "AdministratorAccess"),
        ("arn:aws:iam::111122223333:policy/AdministratorAccess", None),
        ("aws_iam_policy.mine", None),
    ],
)
def test_only_a_policy_of_aws_has_a_managed_name(address, name):
    assert grant_facts.managed_policy_name(address) == name


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("s3:*", ("s3", "", True)),
        ("S3:GetObject*", ("s3", "Get", False)),
        ("ecr:BatchGet*", ("ecr", "BatchGet", False)),
        ("dynamodb:Get?tem", ("dynamodb", "Get", False)),
        ("ec2:Des*", ("ec2", "Des", False)),
        ("lambda:Listen*", ("lambda", "Listen", False)),
        ("s3:*Object", ("s3", "", False)),
        ("*", ("*", "", False)),
    ],
)
def test_a_wildcard_has_a_service_and_a_first_word(pattern, said):
    found = grant_facts.wildcard(pattern)
    assert (found.pattern, found.service, found.verb, found.whole) == (pattern, *said)


@pytest.mark.parametrize(
    ("resource", "branch"),
    [("*", True), ("arn:aws:s3:::shop/*", True), ("arn:aws:sns:eu-west-1:111122223333:*", True),
     ("arn:aws:s3:::shop-*", False), ("arn:aws:s3:::shop", False), ("arn:aws:s3:::*/key", False)],
)  # fmt: skip
def test_a_branch_begins_at_a_border_of_names(resource, branch):
    assert grant_facts.is_branch([resource]) is branch


def held(*resources: str, conditions: tuple[Condition, ...] = ()) -> Grant:
    return Grant(
        "aws", ("s3:GetObject",), "Action", (), resources, (), False, (), conditions, ("r",), Source("aws_iam_policy.p")
    )


def judged(grant: Grant, *others: Grant) -> Identity:
    grants = {f"aws{at}": found for at, found in enumerate((grant, *others))}
    identities = {"r": Identity("r", "role", "aws", "r", {"s3:GetObject": tuple(grants)})}
    grant_facts.with_variables(identities, grants)
    return identities["r"]


def test_tags_of_the_session_decide_by_key_or_by_variable():
    by_value = read_condition("StringEquals", "aws:ResourceTag/team", ("${aws:PrincipalTag/team}",))
    by_key = read_condition("StringEquals", "aws:PrincipalTag/team", ("a",))
    assert judged(held("arn:aws:s3:::${aws:PrincipalTag/team}/*")).by_tags
    assert judged(held("*", conditions=(by_key,))).by_tags
    assert judged(held("*", conditions=(by_value,))).by_tags
    assert not judged(held("arn:aws:s3:::${aws:username}/*")).by_tags


def test_what_is_the_callers_own_is_so_in_every_grant_and_alternative():
    prefix = read_condition("StringLike", "s3:prefix", (f"{_OWN}/*",))
    assert judged(held(f"arn:aws:s3:::shop/{_OWN}/*")).own_services == ("s3",)
    assert judged(held("*", conditions=(prefix,))).own_services == ("s3",)
    assert judged(held(f"arn:aws:s3:::shop/{_OWN}/*", "arn:aws:s3:::shop/all")).own_services == ()
    assert judged(held(f"arn:aws:s3:::shop/{_OWN}/*"), held("arn:aws:s3:::all/*")).own_services == ()


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("logs.eu-west-1.amazonaws.com", "logs.amazonaws.com"),
        ("logs.us-gov-west-1.amazonaws.com", "logs.amazonaws.com"),
        ("delivery.logs.amazonaws.com", "delivery.logs.amazonaws.com"),
    ],
)
def test_a_service_is_known_without_its_region(written, known):
    assert service(written).name == known


@pytest.mark.parametrize(
    ("held", "acts"),
    [
        (("lambda:UpdateFunctionCode",), True),
        (("lambda:updatefunction*",), True),
        (("lambda:*",), True),
        (("lambda:GetFunction",), False),
        (("lambda:InvokeFunction",), False),
    ],
)
def test_who_changes_the_code_of_a_function_acts_as_its_role(held, acts):
    role, function = "aws_iam_role.r", "aws_lambda_function.f"
    runs = Workload(function, "aws_lambda_function", "aws", (role,), Source(function))
    grant = ResourceGrant(
        function,
        "aws_lambda_function",
        Principal("account", "222233334444"),
        held,
        (),
        Source("aws_lambda_permission.p"),
    )
    (found,) = with_effects([grant], {function: runs})
    assert (found.acted_as, found.services) == ((role,) if acts else (), ("lambda",))
    (elsewhere,) = with_effects([grant], {})
    assert elsewhere.acted_as == ()
