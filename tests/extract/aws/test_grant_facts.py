"""What a grant says beside what it reaches, and a resource's own policy beside its words."""

import pytest

from gate.extract.aws import actions, grant_facts
from gate.extract.aws.condition_facts import read_condition
from gate.extract.aws.principals import service
from gate.extract.aws.resource_grant_facts import with_effects
from gate.model.access import Principal, ResourceGrant, Source, Workload

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


def test_tags_of_the_session_decide_by_key_or_by_variable():
    assert grant_facts.by_session_tags(["arn:aws:s3:::${aws:PrincipalTag/team}/*"], ())
    assert grant_facts.by_session_tags(["*"], [read_condition("StringEquals", "aws:PrincipalTag/team", ("a",))])
    by_value = read_condition("StringEquals", "aws:ResourceTag/team", ("${aws:PrincipalTag/team}",))
    assert grant_facts.by_session_tags(["*"], [by_value])
    assert not grant_facts.by_session_tags(["arn:aws:s3:::${aws:username}/*"], ())


def test_a_variable_confines_only_where_every_alternative_has_it():
    assert grant_facts.own_variables([f"arn:aws:s3:::shop/{_OWN}/*"], ()) == ("cognito-identity.amazonaws.com:sub",)
    assert grant_facts.own_variables([f"arn:aws:s3:::shop/{_OWN}/*", "arn:aws:s3:::shop/all"], ()) == ()
    assert grant_facts.own_variables((), ()) == ()
    prefix = read_condition("StringLike", "s3:prefix", (f"{_OWN}/*",))
    assert grant_facts.own_variables(["*"], [prefix]) == ("cognito-identity.amazonaws.com:sub",)


def test_services_of_actions():
    assert grant_facts.services_of(actions.expand_all(("iam:PassRole", "s3:GetObject", "s3:PutObject"))) == (
        "iam",
        "s3",
    )
    assert grant_facts.services_of(0) == ()


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("logs.eu-west-1.amazonaws.com", "logs.amazonaws.com"),
        ("logs.us-gov-west-1.amazonaws.com", "logs.amazonaws.com"),
        ("delivery.logs.amazonaws.com", "delivery.logs.amazonaws.com"),
    ],
)
def test_a_service_is_known_without_its_region(written, known):
    assert service(written).service == known


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
