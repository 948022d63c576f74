import json

import pytest

from gate.model.access import Credential, Lifecycle, Source, Unknown

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
ALLOW_ALL = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
SEND = json.dumps({"Statement": [{"Sid": "Send", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]})
PUBLISH = json.dumps({"Statement": [{"Sid": "Pub", "Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}]})
SOURCE_REMEDY = "Give the gate the source, so that Terraform can evaluate it: gate check plan.json --source DIR"


def held(model):
    """Identity → (policy, statement) of every grant it holds; grants without a sensitive action are not listed."""
    found = {identity: [] for identity in model.identities}
    for grant in model.grants.values():
        for holder in grant.holders:
            found[holder].append((grant.source.address, grant.source.statement))
    return {identity: sorted(sources) for identity, sources in found.items()}


def test_every_kind_of_attachment_of_a_real_plan_reaches_its_identity(model_of):
    old = ("aws_iam_policy.old", "Old")
    assert held(model_of("attachments", "after")) == {
        "aws_iam_user.bob[0]": [old],
        "aws_iam_user.bob[1]": [old],
        "aws_iam_group.people": [old],
        "aws_iam_role.blocks[0]": [old, ("aws_iam_role.blocks[0]", "0")],
        'aws_iam_role.each["a"]': [("aws_iam_policy.new[0]", "Read"), old],  # an exclusive list does not undo it
        'aws_iam_role.each["b"]': [("aws_iam_policy.new[0]", "Read")],
        "arn:aws:iam::123456789012:role/existing": [],
    }


def test_the_side_before_holds_what_existed_before(model_of):
    old = ("aws_iam_policy.old", "Old")
    assert held(model_of("attachments", "before")) == {
        "aws_iam_user.bob[0]": [old],
        "aws_iam_user.bob[1]": [old],
        "aws_iam_group.people": [old],
        'aws_iam_role.each["a"]': [old],
        'aws_iam_role.each["b"]': [],
    }


def test_what_cannot_be_known_is_told_with_its_reference(model_of):
    model = model_of("attachments", "after")
    assert [(u.what, u.source.address, u.identity, u.reference) for u in model.unknown] == [
        (
            "managed policy",
            "aws_iam_role_policy_attachment.existing[0]",
            "arn:aws:iam::123456789012:role/existing",
            "arn:aws:iam::123456789012:policy/unseen",
        ),
        ("policy document", "aws_iam_group_policy.people[0]", "aws_iam_group.people", None),
        ("attachment", "aws_iam_policy_attachment.old", None, "aws_iam_role.blocks[0].name"),
    ]


def test_identities_carry_tags_account_boundary_and_members(model_of):
    found = model_of("attachments", "after").identities
    role, user, group = found['aws_iam_role.each["a"]'], found["aws_iam_user.bob[0]"], found["aws_iam_group.people"]
    assert (role.environment, role.account, role.change) == ("prod", "123456789012", "none")
    assert role.lifecycle == Lifecycle(owner="payments", purpose=None, expires="2027-01-01")
    assert (user.boundary, user.change) == ("aws_iam_policy.old", "update")
    assert group.members == ("aws_iam_user.bob[0]", "aws_iam_user.bob[1]")
    assert found["aws_iam_role.blocks[0]"].lifecycle.purpose == "Copies invoices"
    assert found["arn:aws:iam::123456789012:role/existing"].external


def test_access_keys_belong_to_the_user_of_the_same_count(model_of):
    assert model_of("attachments", "after").credentials == [
        Credential("access key", Source("aws_iam_access_key.bob[0]"), "aws_iam_user.bob[0]", "create"),
        Credential("access key", Source("aws_iam_access_key.bob[1]"), "aws_iam_user.bob[1]", "create"),
    ]


@pytest.mark.parametrize("kind", ["role", "user", "group"])
def test_an_exclusive_list_takes_nothing_from_what_the_plan_grants(written, kind):
    # Which of the two is applied first is the author's choice (depends_on).
    model = written(
        {
            f"aws_iam_{kind}.r": {"name": "r"},
            f"aws_iam_{kind}_policy_attachment.a": {kind: "r", "policy_arn": ADMIN},
            f"aws_iam_{kind}_policy_attachments_exclusive.e": {f"{kind}_name": "r", "policy_arns": []},
            f"aws_iam_{kind}_policy.p": {kind: "r", "name": "p", "policy": ALLOW_ALL},
            f"aws_iam_{kind}_policies_exclusive.e": {f"{kind}_name": "r", "policy_names": []},
        }
    )
    assert {address for address, _ in held(model)[f"aws_iam_{kind}.r"]} == {ADMIN, f"aws_iam_{kind}_policy.p"}


def test_an_exclusive_list_takes_away_what_a_role_only_read_back(written):
    role = {
        "aws_iam_role.r": {
            "name": "r",
            "managed_policy_arns": [ADMIN],
            "inline_policy": [{"name": "old", "policy": ALLOW_ALL}, {"name": "kept", "policy": SEND}],
        }
    }
    lists = {
        "aws_iam_role_policy_attachments_exclusive.e": {"role_name": "r", "policy_arns": []},
        "aws_iam_role_policies_exclusive.e": {"role_name": "r", "policy_names": ["kept"]},
    }
    assert held(written(role | lists, before=role)) == {"aws_iam_role.r": [("aws_iam_role.r", "Send")]}
    # A role of the change itself may get them after the list was applied.
    assert written(role | lists).identities["aws_iam_role.r"].all_access == "unconditional"


def test_an_exclusive_list_that_is_unknown_takes_nothing_away(written):
    model = written(
        {
            "aws_iam_role.r": {"name": "r"},
            "aws_iam_role_policy_attachment.a": {"role": "r", "policy_arn": ADMIN},
            "aws_iam_role_policy_attachments_exclusive.e": {"role_name": "r"},
        },
        unknown={"aws_iam_role_policy_attachments_exclusive.e": {"policy_arns": True}},
        expressions={"aws_iam_role_policy_attachments_exclusive.e": {"policy_arns": ["var.arns"]}},
    )
    assert model.identities["aws_iam_role.r"].all_access == "unconditional"
    assert [(u.what, u.identity) for u in model.unknown] == [("managed policy", "aws_iam_role.r")]


def test_a_list_that_is_unknown_as_a_whole_may_hide_literals_beside_its_references(written):
    model = written(
        {
            "aws_iam_policy.p": {"name": "p", "policy": SEND},
            "aws_iam_role.r": {"name": "r"},
        },
        unknown={"aws_iam_role.r": {"managed_policy_arns": True, "arn": True}, "aws_iam_policy.p": {"arn": True}},
        expressions={"aws_iam_role.r": {"managed_policy_arns": ["aws_iam_policy.p.arn", "aws_iam_policy.p"]}},
    )
    assert held(model) == {"aws_iam_role.r": [("aws_iam_policy.p", "Send")]}
    assert model.unknown == [
        Unknown(
            "list of managed policies",
            "The list of managed policies of aws_iam_role.r is not known before apply because it mentions "
            "aws_iam_policy.p.arn.",
            Source("aws_iam_role.r"),
            "aws_iam_role.r",
            "aws_iam_policy.p.arn",
            SOURCE_REMEDY,
            "create",
        )
    ]


def test_attributes_that_the_provider_computes_are_no_unknown_access(written):
    unknown = {"aws_iam_role.r": {"arn": True, "managed_policy_arns": True, "inline_policy": True}}
    model = written({"aws_iam_role.r": {"name": "r", "assume_role_policy": SEND}}, unknown=unknown)
    assert model.unknown == []


def test_a_policy_named_by_the_arn_it_will_have_is_the_policy_of_the_plan(written):
    model = written(
        {
            "aws_iam_policy.p": {"name": "p", "path": "/x/", "policy": SEND},
            "aws_iam_user.u": {"name": "u"},
            "aws_iam_user_policy_attachment.a": {"user": "u", "policy_arn": "arn:aws:iam::111122223333:policy/x/p"},
        },
        unknown={"aws_iam_policy.p": {"arn": True}},
    )
    assert held(model) == {"aws_iam_user.u": [("aws_iam_policy.p", "Send")]}
    assert model.unknown == []


def test_a_deleted_attachment_is_gone_after_and_there_before(written):
    parts = {
        "before": {
            "aws_iam_user.u": {"name": "u", "arn": "arn:aws:iam::111122223333:user/u"},
            "aws_iam_user_policy_attachment.a": {"user": "u", "policy_arn": ADMIN},
        },
        "after": {"aws_iam_user.u": {"name": "u", "arn": "arn:aws:iam::111122223333:user/u"}},
    }
    after, before = written(**parts), written(**parts, side="before")
    assert [m.identities["aws_iam_user.u"].all_access for m in (after, before)] == ["none", "unconditional"]
    assert after.own_accounts == before.own_accounts == {"111122223333"}


def test_a_group_gives_its_policies_to_members_of_both_kinds_of_membership(written):
    model = written(
        {
            "aws_iam_group.g": {"name": "g"},
            "aws_iam_user.a": {"name": "a"},
            "aws_iam_user.b": {"name": "b"},
            "aws_iam_group_policy.p": {"group": "g", "policy": SEND},
            "aws_iam_group_membership.m": {"group": "g", "users": ["a"]},
            "aws_iam_user_group_membership.m": {"user": "b", "groups": ["g"]},
        }
    )
    send = [("aws_iam_group_policy.p", "Send")]
    assert held(model) == {"aws_iam_group.g": send, "aws_iam_user.a": send, "aws_iam_user.b": send}


def test_permission_sets_are_roles_with_their_policies(written):
    arn = "arn:aws:sso:::permissionSet/ssoins-1/ps-1"
    model = written(
        {
            "aws_ssoadmin_permission_set.s": {"name": "ops", "arn": arn},
            "aws_ssoadmin_permission_set_inline_policy.i": {"permission_set_arn": arn, "inline_policy": PUBLISH},
            "aws_ssoadmin_managed_policy_attachment.m": {"permission_set_arn": arn, "managed_policy_arn": ADMIN},
        }
    )
    ops = model.identities["aws_ssoadmin_permission_set.s"]
    assert (ops.kind, ops.name, ops.all_access) == ("role", "ops", "unconditional")


def test_an_unknown_key_of_an_instance_means_every_instance(written):
    model = written(
        {
            'aws_iam_role.r["a"]': {"name": "a"},
            'aws_iam_role.r["b"]': {"name": "b"},
            "aws_iam_role_policy.p": {"policy": SEND},
        },
        unknown={"aws_iam_role_policy.p": {"role": True}},
        expressions={"aws_iam_role_policy.p": {"role": ["aws_iam_role.r", "var.which"]}},
    )
    send = [("aws_iam_role_policy.p", "Send")]
    assert held(model) == {'aws_iam_role.r["a"]': send, 'aws_iam_role.r["b"]': send}


def test_an_attachment_to_nobody_known_is_unknown(written):
    model = written(
        {"aws_iam_role_policy.p": {"policy": SEND}},
        unknown={"aws_iam_role_policy.p": {"role": True}},
        expressions={"aws_iam_role_policy.p": {"role": ["local.role"]}},
    )
    assert [(u.what, u.source.address, u.identity) for u in model.unknown] == [
        ("attachment", "aws_iam_role_policy.p", None)
    ]


def test_what_a_role_shows_of_other_resources_is_told_by_them(written):
    """The provider reads attachments and inline policies back into the role: they show the past."""
    role = {
        "name": "r",
        "arn": "arn:aws:iam::111122223333:role/r",
        "managed_policy_arns": [ADMIN, "arn:aws:iam::aws:policy/PowerUserAccess"],
        "inline_policy": [{"name": "mended", "policy": ALLOW_ALL}, {"name": "elsewhere", "policy": PUBLISH}],
    }
    model = written(
        {
            "aws_iam_role.r": role,
            "aws_iam_role_policy.mended": {"role": "r", "name": "mended", "policy": SEND},
        },
        before={
            "aws_iam_role.r": role,
            "aws_iam_role_policy.mended": {"role": "r", "name": "mended", "policy": ALLOW_ALL},
            "aws_iam_role_policy_attachment.gone": {"role": "r", "policy_arn": ADMIN},
        },
    )
    power_user = "arn:aws:iam::aws:policy/PowerUserAccess"
    assert {address for address, _ in held(model)["aws_iam_role.r"]} == {
        "aws_iam_role_policy.mended",
        "aws_iam_role.r",
        power_user,
    }
    assert model.identities["aws_iam_role.r"].all_access == "none"


def test_a_permission_set_is_held_to_the_boundary_named_by_policy(written):
    arn = "arn:aws:sso:::permissionSet/i/ps"
    resources = {
        "aws_ssoadmin_permission_set.s": {"name": "ops", "arn": arn},
        "aws_ssoadmin_permission_set_inline_policy.i": {"permission_set_arn": arn, "inline_policy": ALLOW_ALL},
        "aws_ssoadmin_permissions_boundary_attachment.b": {
            "permission_set_arn": arn,
            "permissions_boundary": [{"customer_managed_policy_reference": [{"name": "edge", "path": "/"}]}],
        },
    }
    model = written(resources | {"aws_iam_policy.edge": {"name": "edge", "policy": SEND}})
    limited = model.identities["aws_ssoadmin_permission_set.s"]
    assert (limited.boundary, limited.all_access) == ("aws_iam_policy.edge", "none")
    assert set(limited.grants) == {"sqs:SendMessage"}
    model = written(resources)
    assert model.identities["aws_ssoadmin_permission_set.s"].all_access == "unconditional"
    assert [(u.what, u.reference) for u in model.unknown] == [("permissions boundary", "edge")]


def test_an_inline_policy_that_is_kept_and_nobody_shows_is_unknown(written):
    role = {"aws_iam_role.r": {"name": "r"}}
    kept = {"aws_iam_role_policies_exclusive.e": {"role_name": "r", "policy_names": ["old"]}}
    assert [(u.what, u.identity) for u in written(role | kept, before=role).unknown] == [
        ("policy document", "aws_iam_role.r")
    ]
    assert written(role | kept).unknown == []


def test_who_holds_a_rewritten_policy_elsewhere_gets_what_it_says(written):
    policy = {"name": "p", "arn": "arn:aws:iam::111122223333:policy/p", "policy": SEND, "attachment_count": 3}
    before = {"aws_iam_policy.p": policy}
    after = {"aws_iam_policy.p": policy | {"policy": ALLOW_ALL}}
    holders = "whoever holds aws_iam_policy.p"
    assert written(after, before=before).identities[holders].all_access == "unconditional"
    assert set(written(after, before=before, side="before").identities[holders].grants) == {"sqs:SendMessage"}
    assert holders not in written(before, before=before).identities  # nothing changes
    roles = {f"aws_iam_role.r{at}": {"name": f"r{at}"} for at in range(3)}
    attached = {
        f"aws_iam_role_policy_attachment.a{at}": {"role": f"r{at}", "policy_arn": policy["arn"]} for at in range(3)
    }
    shown = roles | attached
    assert holders not in written(after | shown, before=before | shown).identities  # all of them are in view


def test_a_group_that_is_not_in_view_is_told(written):
    joined = {"aws_iam_user.u": {"name": "u"}, "aws_iam_user_group_membership.m": {"user": "u", "groups": ["admins"]}}
    assert [(u.what, u.identity, u.reference) for u in written(joined).unknown] == [
        ("group", "aws_iam_user.u", "arn:aws:iam::{account?}:group/admins")
    ]
    by_group = {"aws_iam_user.u": {"name": "u"}, "aws_iam_group_membership.m": {"group": "admins", "users": ["u"]}}
    assert [u.what for u in written(by_group).unknown] == ["group"]
    assert written(joined | {"aws_iam_group.g": {"name": "admins"}}).unknown == []
    shown = {"aws_iam_group_policy.p": {"group": "admins", "name": "p", "policy": SEND}}
    assert written(joined | shown).unknown == []
