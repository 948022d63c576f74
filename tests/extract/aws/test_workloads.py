import json

import pytest

from gate.extract.aws.compute.workload_roles import runs_as

CODE, PLATFORM = 'aws_iam_role.run["code"]', 'aws_iam_role.run["platform"]'


def test_each_workload_of_a_real_plan_runs_as_its_roles(model_of):
    found = {w.id: (w.kind, w.runs_as, w.service_roles, w.exposure) for w in model_of("workloads").workloads.values()}
    assert found == {
        "aws_batch_job_definition.job": (
            "aws_batch_job_definition",
            ("arn:aws:iam::123456789012:role/existing",),
            (),
            "unknown",
        ),
        "aws_codebuild_project.build": ("aws_codebuild_project", (CODE,), (), "unknown"),
        "aws_ecs_task_definition.task": ("aws_ecs_task_definition", (CODE,), (PLATFORM,), "internet"),
        "aws_instance.private": ("aws_instance", (CODE,), (), "none"),
        "aws_instance.public": ("aws_instance", (CODE,), (), "internet"),
        "aws_lambda_function.api": ("aws_lambda_function", (CODE,), (), "internet"),
        "aws_lambda_function.quiet": ("aws_lambda_function", (PLATFORM,), (), "none"),
        "aws_lambda_function.url": ("aws_lambda_function", (CODE,), (), "internet"),
    }


def test_a_launch_template_nobody_starts_is_a_workload_itself(written):
    model = written(
        {
            "aws_iam_role.r": {"name": "r"},
            "aws_iam_instance_profile.p": {"name": "p", "role": "r"},
            "aws_launch_template.t": {"name": "t", "iam_instance_profile": [{"name": "p", "arn": None}]},
        }
    )
    assert {w.id: w.runs_as for w in model.workloads.values()} == {"aws_launch_template.t": ("aws_iam_role.r",)}


@pytest.mark.parametrize(
    ("authorization", "exposure", "granted"),
    [("NONE", "internet", [("anyone", "*", ("lambda:InvokeFunctionUrl",))]), ("AWS_IAM", "unknown", [])],
)
def test_a_function_url_without_authorization_is_public_because_the_provider_adds_the_permission(
    written, authorization, exposure, granted
):
    model = written(
        {
            "aws_iam_role.r": {"name": "r", "arn": "arn:aws:iam::111122223333:role/r"},
            "aws_lambda_function.f": {"function_name": "f", "role": "arn:aws:iam::111122223333:role/r"},
            "aws_lambda_function_url.u": {"function_name": "f", "authorization_type": authorization},
        }
    )
    assert model.workloads["aws_lambda_function.f"].exposure == exposure
    assert [(g.principal.kind, g.principal.value, g.actions) for g in model.resource_grants] == granted


def test_a_permission_for_everyone_that_stands_beside_a_function_url_is_told_once(written):
    model = written(
        {
            "aws_lambda_function.f": {"function_name": "f", "role": "arn:aws:iam::111122223333:role/r"},
            "aws_lambda_function_url.u": {"function_name": "f", "authorization_type": "NONE"},
            "aws_lambda_permission.p": {
                "function_name": "f", "principal": "*", "action": "lambda:InvokeFunctionUrl",
                "function_url_auth_type": "NONE",
            },
        }
    )  # fmt: skip
    assert [(g.source.address, g.resource) for g in model.resource_grants] == [
        ("aws_lambda_permission.p", "aws_lambda_function.f")
    ]


def test_a_role_behind_an_unresolvable_reference_is_unknown(written):
    model = written(
        {"aws_lambda_function.f": {"function_name": "f"}},
        unknown={"aws_lambda_function.f": {"role": True, "arn": True}},
        expressions={"aws_lambda_function.f": {"role": ["local.role"]}},
    )
    assert [(u.what, u.source.address) for u in model.unknown] == [("workload role", "aws_lambda_function.f")]


def test_a_profile_that_no_plan_manages_stands_for_the_role_in_it(written):
    arn = "arn:aws:iam::111122223333:instance-profile/old"
    model = written(
        {
            "aws_instance.named": {"iam_instance_profile": "old"},
            "aws_launch_template.by_arn": {"iam_instance_profile": [{"arn": arn, "name": None}]},
            "aws_instance.without": {"iam_instance_profile": None},
        }
    )
    assert {w.id: [i.rpartition(":")[2] for i in w.runs_as] for w in model.workloads.values()} == {
        "aws_instance.named": ["instance-profile/old"],
        "aws_launch_template.by_arn": ["instance-profile/old"],
    }
    assert all(model.identities[role].external for w in model.workloads.values() for role in w.runs_as)


def test_roles_are_found_in_nested_blocks_and_lists(written):
    arn = "arn:aws:iam::111122223333:role/"
    model = written(
        {
            "aws_sagemaker_domain.d": {"default_user_settings": [{"execution_role": f"{arn}studio"}]},
            "aws_redshift_cluster.c": {"iam_roles": [f"{arn}copy", f"{arn}unload"]},
        }
    )
    assert {w.id: w.runs_as for w in model.workloads.values()} == {
        "aws_sagemaker_domain.d": (f"{arn}studio",),
        "aws_redshift_cluster.c": (f"{arn}copy", f"{arn}unload"),
    }


@pytest.mark.parametrize("type_", sorted(runs_as()))
def test_every_listed_type_and_attribute_is_read(written, type_):
    row = runs_as()[type_]
    names = [*row.get("runs_as", []), *row.get("service_roles", [])]
    values = {
        name: "p" if "profile" in name else f"arn:aws:iam::111122223333:role/{position}"
        for position, name in enumerate(names)
    }
    if type_ == "aws_batch_job_definition":
        values = {"container_properties": json.dumps(values)}
    profile = {"aws_iam_instance_profile.p": {"name": "p", "role": "profiled"}}
    workload = written({f"{type_}.x": values} | profile).workloads[f"{type_}.x"]
    assert len(workload.runs_as) + len(workload.service_roles) == len(
        {"p" if "profile" in name else name for name in names}
    )
