from gate.extract.not_analysed import extract
from gate.inputs.documents import SourceFile
from gate.inputs.terraform_plan import parse_plan
from gate.model.access import AccessModel, NotAnalysed, Source


def stated(side, *resources):
    """What is stated of resources, each ``(address, before, after)``."""
    changes = []
    for address, before, after in resources:
        kind, name = address.split(".")
        actions = ["create"] if before is None else ["delete"] if after is None else ["update"]
        actions = ["no-op"] if before == after else actions
        change = {"actions": actions, "before": before, "after": after}
        changes.append({"address": address, "mode": "managed", "type": kind, "name": name, "change": change})
    plan, _ = parse_plan({"format_version": "1.2", "resource_changes": changes}, SourceFile("p", "terraform-plan", ""))
    model = AccessModel()
    extract([plan], side, model)
    return model.not_analysed


def test_an_identity_of_a_platform_without_an_adapter_is_stated():
    assert stated("after", ("google_service_account.ci", None, {}), ("okta_user.u", None, {})) == [
        NotAnalysed("google_service_account", "google", "identity", Source("google_service_account.ci"), "create"),
        NotAnalysed("okta_user", "okta", "identity", Source("okta_user.u"), "create"),
    ]


def test_resources_that_bear_no_identity_and_types_the_adapter_reads_are_not_stated():
    quiet = ("google_compute_network.n", "azurerm_resource_group.g", "aws_iam_role.r", "random_id.x", "acme_thing.t")
    assert stated("after", *((address, None, {}) for address in quiet)) == []


def test_an_azure_resource_counts_when_it_has_an_identity_block():
    assert [
        n.source.address
        for n in stated(
            "after",
            ("azurerm_linux_web_app.with", None, {"identity": [{"type": "SystemAssigned"}]}),
            ("azurerm_linux_web_app.without", None, {"identity": []}),
        )
    ] == ["azurerm_linux_web_app.with"]


def test_an_update_stands_only_after_so_that_it_never_looks_old():
    resources = (("okta_group.same", {"a": 1}, {"a": 1}), ("okta_group.new", {"a": 1}, {"a": 2}))
    assert [(n.source.address, n.change) for n in stated("before", *resources)] == [("okta_group.same", "none")]
    assert [n.change for n in stated("after", *resources)] == ["none", "update"]


def test_a_deleted_resource_is_only_before():
    gone = ("vault_policy.p", {}, None)
    assert stated("after", gone) == []
    assert [n.change for n in stated("before", gone)] == ["delete"]


def test_a_client_of_a_user_pool_counts_when_it_has_a_secret():
    client = "aws_cognito_user_pool_client"
    with_secret = (f"{client}.service", None, {"generate_secret": True})
    found = stated("after", with_secret, (f"{client}.app", None, {"generate_secret": False}))
    assert [n.source.address for n in found] == [f"{client}.service"]
