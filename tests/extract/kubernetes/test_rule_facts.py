"""What a rule of a role says beside its actions."""

import pytest

from gate.extract.kubernetes.language.rbac_rules import as_fact, read_rule


@pytest.mark.parametrize(
    ("verbs", "groups", "resources", "logs"),
    [
        (["get", "list"], [""], ["pods", "pods/log"], True),
        (["get"], [""], ["nodes/log"], True),
        (["get"], [""], ["nodes/proxy"], True),
        (["*"], ["*"], ["*"], True),
        (["get"], ["*"], ["pods/log"], True),
        (["get"], [""], ["*/log"], True),
        (["list"], [""], ["pods/log"], False),
        (["get"], [""], ["pods"], False),
        (["get"], ["apps"], ["*"], False),
    ],
)
def test_logs_are_read_by_name(verbs, groups, resources, logs):
    rule = read_rule({"verbs": verbs, "apiGroups": groups, "resources": resources}, ())
    assert as_fact(rule, "").logs is logs


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"verbs": ["get", "watch"], "apiGroups": ["kyverno.io"], "resources": ["*"]}, (True, True, True, False)),
        ({"verbs": ["get", "delete"], "apiGroups": ["kyverno.io"], "resources": ["*"]}, (True, False, True, False)),
        ({"verbs": ["get"], "apiGroups": ["kyverno.io", ""], "resources": ["*"]}, (True, True, False, True)),
        ({"verbs": ["get"], "apiGroups": [""], "resources": ["pods", "*"]}, (True, True, False, True)),
        (
            {"verbs": ["get"], "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["*"]},
            (True, True, False, False),
        ),
        ({"verbs": ["get"], "nonResourceURLs": ["/metrics"]}, (False, True, False, False)),
    ],
)
def test_objects_reading_custom_and_every_group(rule, said):
    found = as_fact(read_rule(rule, ()), "shop")
    assert (found.objects, found.reads, found.custom, found.every_group) == said
    assert (found.scope, found.named) == ("shop", False)


@pytest.mark.parametrize(
    ("groups", "resources", "said"),
    [
        (["", "apps"], ["configmaps", "deployments/scale"], True),
        ([""], ["*"], False),
        ([""], ["configmaps", "pods/*"], False),
        ([""], ["*/scale"], False),
        (["*"], ["configmaps"], False),
    ],
)
def test_a_rule_that_spells_its_kinds_out(groups, resources, said):
    rule = read_rule({"verbs": ["*"], "apiGroups": groups, "resources": resources}, ())
    assert as_fact(rule, "").spelled_out is said


def test_names_limit_a_rule():
    rule = read_rule({"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["ca"]}, ())
    assert (as_fact(rule, "").named, as_fact(rule, "").scope) == (True, "*")
