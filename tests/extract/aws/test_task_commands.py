"""Which task definitions refuse commands, and who may have them accept them."""

import json

import pytest

_ROLE = "arn:aws:iam::123456789012:role/app"
_ARN = "arn:aws:ecs:eu-west-1:123456789012:task-definition"
_TRUST = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}


def _policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


_WORLD = {
    "aws_iam_role.app": {"name": "app", "path": "/", "arn": _ROLE, "assume_role_policy": _policy(_TRUST)},
    "aws_ecs_task_definition.t": {"family": "app", "task_role_arn": _ROLE, "arn": f"{_ARN}/app:7"},
    "aws_ecs_service.off": {"name": "off", "task_definition": "app", "enable_execute_command": False},
}
_TARGET = {"rule": "r", "arn": "arn:aws:ecs:eu-west-1:123456789012:cluster/c"}


def _refused(written, beside=None, **more):
    return written(_WORLD | (beside or {}), **more).workloads["aws_ecs_task_definition.t"].refused


def test_tasks_of_services_without_exec_refuse_commands(written):
    assert _refused(written) == ("ecs:ExecuteCommand",)
    assert _refused(written, {"aws_ecs_service.off": {"name": "none runs it", "task_definition": "other"}}) == ()


@pytest.mark.parametrize("definition", ["app", "app:6", f"{_ARN}/app:7", f"{_ARN}/app", "${local.definition}"])
@pytest.mark.parametrize("on", [True, "true"])
def test_one_service_with_exec_is_enough(written, definition, on):
    assert (
        _refused(written, {"aws_ecs_service.on": {"task_definition": definition, "enable_execute_command": on}}) == ()
    )


def test_a_service_with_exec_that_runs_other_tasks_opens_none(written):
    other = {"aws_ecs_service.on": {"task_definition": "other:1", "enable_execute_command": True}}
    assert _refused(written, other) == ("ecs:ExecuteCommand",)
    assert _refused(written, {"aws_ecs_service.on": {"task_definition": None, "enable_execute_command": True}}) == ()


def test_exec_that_is_not_known_is_not_off(written):
    unknown = {"aws_ecs_service.off": {"enable_execute_command": True}}
    service = {"aws_ecs_service.off": {"name": "off", "task_definition": "app"}}
    expressions = {"aws_ecs_service.off": {"enable_execute_command": ["var.exec"]}}
    assert _refused(written, service, unknown=unknown, expressions=expressions) == ()
    assert _refused(written, service, unknown=unknown) == ("ecs:ExecuteCommand",)  # nobody set it


@pytest.mark.parametrize(
    ("address", "values"),
    [
        ("aws_cloudwatch_event_target.e", _TARGET | {"ecs_target": [{"enable_execute_command": True}]}),
        (
            "aws_scheduler_schedule.s",
            {"target": [{"ecs_parameters": [{"enable_execute_command": True, "task_definition_arn": f"{_ARN}/app"}]}]},
        ),
        ("data.aws_ecs_task_execution.d", {"task_definition": "app", "enable_execute_command": True}),
        ("awscc_ecs_service.c", {"task_definition": "app:3", "enable_execute_command": True}),
    ],
)
def test_whatever_starts_tasks_may_switch_exec_on(written, address, values):
    assert _refused(written, {address: values}) == ()


def _taken(written, *statements):
    user = {
        "aws_iam_user.u": {"name": "u", "path": "/"},
        "aws_iam_user_policy.u": {"name": "u", "user": "u", "policy": _policy(*statements)},
    }
    openings = written(_WORLD | user).openings
    found = [openings.table[key] for key in openings.held["aws_iam_user.u"]]
    return any("aws_iam_role.app" in opening.targets for opening in found if opening.technique == "ecs-execute-command")


def _allow(actions, resource="*"):
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


@pytest.mark.parametrize(
    ("actions", "taken"),
    [
        (["ecs:ExecuteCommand"], False),
        (["ecs:ExecuteCommand", "ecs:DescribeTasks"], False),
        (["ecs:ExecuteCommand", "ecs:UpdateService"], True),
        (["ecs:*"], True),
    ],
)
def test_who_updates_services_switches_exec_on(written, actions, taken):
    assert _taken(written, _allow(actions)) is taken


@pytest.mark.parametrize(
    ("service", "taken"),
    [
        ("service/*", True),
        ("service/default/off", True),
        ("service/default/o*", True),
        ("service/default/other", False),
        ("service/shop/*", True),  # which cluster it is, its own ARN would say
    ],
)
def test_updates_of_other_services_switch_nothing_on(written, service, taken):
    updates = _allow("ecs:UpdateService", f"arn:aws:ecs:eu-west-1:123456789012:{service}")
    assert _taken(written, _allow("ecs:ExecuteCommand"), updates) is taken
