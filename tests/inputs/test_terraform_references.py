"""Expressions followed to the resources they mean, in a real plan and in configurations put into it."""

import json
from pathlib import Path

import pytest

from gate.inputs.documents import Reference, SourceFile
from gate.inputs.terraform.expression_references import references
from gate.inputs.terraform.plan_json import parse_plan

DATA = Path(__file__).parent / "data"
FILE = SourceFile("plan.json", "terraform-plan", "0")
REAL = parse_plan(json.loads((DATA / "create.json").read_text()), FILE)[0]


@pytest.mark.parametrize(
    ("address", "path", "expected"),
    [
        ("aws_iam_role_policy_attachment.app", ("policy_arn",), [("aws_iam_policy.read", "arn")]),
        ("aws_iam_policy.read", ("policy",), [("data.aws_iam_policy_document.read", "json")]),
        (
            "data.aws_iam_policy_document.read",
            ("statement", 0, "resources", 1),
            [('aws_s3_bucket.store["logs"]', "arn"), ('aws_s3_bucket.store["reports"]', "arn")],
        ),
        ("data.aws_iam_policy_document.read", ("statement", 7, "resources"), []),
        ("data.aws_iam_policy_document.read", ("statement", 0, "sid"), []),
        ("data.aws_iam_policy_document.read", ("nothing", 0), []),
        ("aws_iam_user_policy_attachment.ci[1]", ("user",), [("aws_iam_user.ci[1]", "")]),
        ("aws_iam_role_policy_attachment.outside", ("role",), [('module.reader["blue"].aws_iam_role.this', "name")]),
        (
            'module.reader["green"].aws_iam_role_policy_attachment.this',
            ("role",),
            [('module.reader["green"].aws_iam_role.this', "name")],
        ),
        (
            'module.reader["green"].aws_iam_role_policy_attachment.this',
            ("policy_arn",),
            [("aws_iam_policy.read", "arn")],
        ),
        ('module.reader["green"].aws_iam_role_policy.write', ("policy",), [('aws_s3_bucket.store["logs"]', "arn")]),
        ('module.reader["green"].aws_iam_role.this', ("name",), []),
        ("aws_iam_user.nobody", ("name",), []),
    ],
)
def test_in_a_real_plan(address, path, expected):
    assert references(REAL, address, path) == tuple(Reference(*pair) for pair in expected)


def planned(addresses, root, each=None):
    """A plan of instances, and the configuration they come from; users have a block wherever they stand."""
    for place in [root, *(call["module"] for call in root.get("module_calls", {}).values())]:
        place.setdefault("resources", []).append(resource("u", "u"))
    changes = []
    for address, module, index in addresses:
        own = address.removeprefix(f"{module}." if module else "").split("[")[0].removeprefix("data.")
        kind, name = own.split(".")
        changes.append(
            {
                "address": address,
                "mode": "data" if "data." in address else "managed",
                "type": kind,
                "name": name,
                "index": index,
                "change": {"actions": ["create"], "before": None, "after": {}, "after_unknown": {}},
                **({"module_address": module} if module else {}),
            }
        )
    value = {"format_version": "1.2", "resource_changes": changes, "configuration": {"root_module": root}}
    return parse_plan(value, FILE)[0]


def resource(kind, name, each=None, **expressions):
    found = {"mode": "managed", "type": kind, "name": name}
    found["expressions"] = {k: {"references": v} for k, v in expressions.items()}
    return {**found, "for_each_expression": {"references": each}} if each else found


USERS = [(f'u.u["{key}"]', "", key) for key in "ab"]


def test_a_resource_for_each_of_another():
    root = {"resources": [resource("p", "p", ["u.u"], user=["each.value.name", "each.value"])]}
    plan = planned([*USERS, ('p.p["a"]', "", "a")], root)
    assert references(plan, 'p.p["a"]', ("user",)) == (Reference('u.u["a"]', "name"),)


def test_each_value_of_a_map_of_attributes_is_any_of_them():
    root = {"resources": [resource("p", "p", ["x.a.arn", "x.a", "x.b.arn", "x.b"], user=["each.value"])]}
    plan = planned([('p.p["k"]', "", "k")], root)
    assert references(plan, 'p.p["k"]', ("user",)) == (Reference("x.a", "arn"), Reference("x.b", "arn"))


def test_an_index_by_each_key_is_the_instance_of_the_same_key():
    root = {"resources": [resource("p", "p", ["var.names"], user=["u.u", "each.key"])]}
    plan = planned([*USERS, ('p.p["b"]', "", "b"), ('p.p["c"]', "", "c")], root)
    assert references(plan, 'p.p["b"]', ("user",)) == (Reference('u.u["b"]', ""),)
    assert references(plan, 'p.p["c"]', ("user",)) == (Reference("u.u", ""),)


def test_a_whole_collection_is_any_instance():
    plan = planned([*USERS, ("p.p", "", None)], {"resources": [resource("p", "p", user=["u.u"])]})
    assert references(plan, "p.p", ("user",)) == (Reference("u.u", ""),)


def test_through_outputs_of_outputs():
    inner = {"resources": [], "outputs": {"arn": {"expression": {"references": ["u.u.arn", "u.u"]}}}}
    middle = {"outputs": {"arn": {"expression": {"references": ["module.inner.arn", "module.inner"]}}}}
    middle["module_calls"] = {"inner": {"module": inner}}
    root = {"resources": [resource("p", "p", arn=["module.m[0].arn", "module.m[0]", "module.m"])]}
    root["module_calls"] = {"m": {"module": middle}}
    plan = planned([("p.p", "", None)], root)
    assert references(plan, "p.p", ("arn",)) == (Reference("module.m[0].module.inner.u.u", "arn"),)


def test_a_module_indexed_by_each_key_is_the_instance_of_the_same_key():
    child = {"outputs": {"arn": {"expression": {"references": ["u.u.arn", "u.u"]}}}}
    root = {"resources": [resource("p", "p", ["var.names"], arn=["module.m", "each.key"])]}
    root["module_calls"] = {"m": {"module": child}}
    plan = planned([('p.p["b"]', "", "b"), *((f'module.m["{k}"].u.u', f'module.m["{k}"]', None) for k in "ab")], root)
    assert references(plan, 'p.p["b"]', ("arn",)) == (Reference('module.m["b"].u.u', "arn"),)


def test_through_variables_of_calls_of_calls():
    inner = {"resources": [resource("p", "p", arn=["var.arn"])]}
    middle = {
        "module_calls": {
            "inner": {"expressions": {"arn": {"references": ["var.user.arn", "var.user"]}}, "module": inner}
        }
    }
    call = {"expressions": {"user": {"references": ["each.value"]}}, "module": middle}
    root = {"module_calls": {"m": {**call, "for_each_expression": {"references": ["u.u"]}}}}
    at = 'module.m["a"].module.inner'
    plan = planned([*USERS, (f"{at}.p.p", at, None)], root)
    assert references(plan, f"{at}.p.p", ("arn",)) == (Reference('u.u["a"]', "arn"),)


@pytest.mark.parametrize(
    "text", ["local.x", "var.root", "each.value", "path.module", "module.none.x", "data.x", "u", ""]
)
def test_dead_ends(text):
    plan = planned([("p.p", "", None)], {"resources": [resource("p", "p", arn=[text])]})
    assert references(plan, "p.p", ("arn",)) == ()


def test_outputs_that_go_round_in_circles_end():
    child = {"outputs": {"a": {"expression": {"references": ["var.a"]}}}}
    call = {"expressions": {"a": {"references": ["module.m.a", "module.m"]}}, "module": child}
    root = {"resources": [resource("p", "p", arn=["module.m.a", "module.m"])], "module_calls": {"m": call}}
    plan = planned([("p.p", "", None)], root)
    assert references(plan, "p.p", ("arn",)) == ()


def test_expressions_that_multiply_without_end_are_a_dead_end():
    outputs = {f"o{i}": {"expression": {"references": [f"var.v{j}" for j in range(9)]}} for i in range(9)}
    call = {"expressions": {f"v{j}": {"references": ["module.m"]} for j in range(9)}, "module": {"outputs": outputs}}
    root = {"resources": [resource("p", "p", arn=["module.m"])], "module_calls": {"m": call}}
    plan = planned([("p.p", "", None)], root)
    assert references(plan, "p.p", ("arn",)) == ()
