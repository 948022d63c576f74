"""In which account the resources of a plan stand: what the credentials of their provider prove, not what is written.

An account in the configuration is its author's word, as ``allowed_account_ids`` of a provider that nothing uses. Where
the provider is used, Terraform compared a single allowed id with the account of its credentials when it made the plan
(https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs#allowed_account_ids-1), unless the configuration
tells it not to ask or asks another address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gate.inputs.documents import TerraformPlan, TerraformResource
from gate.inputs.terraform.evaluation.symbols import OWN_ACCOUNT
from gate.inputs.terraform.plan_configuration import without_keys

_OF_IAM = ("aws_iam_role", "aws_iam_user", "aws_iam_group", "aws_iam_policy", "aws_iam_instance_profile")


def provider_of(plan: TerraformPlan, resource: TerraformResource) -> str:
    """The key of a resource's provider in the configuration (``aws.west``); empty when the plan does not tell."""
    module = plan.modules.get(without_keys(resource.module))
    block = module["resources"].get((resource.mode, resource.type, resource.name)) if module else None
    key = block.get("provider_config_key") if block else None
    return key if isinstance(key, str) else ""


def accounts_by_provider(plan: TerraformPlan) -> dict[str, frozenset[str]]:
    """Provider key → accounts, for each provider that a managed resource uses and whose account is known."""
    told: dict[str, set[str]] = {}
    managed: dict[str, set[str]] = {}
    for resource in plan.resources.values():
        key = provider_of(plan, resource)
        if resource.mode == "managed":
            accounts = managed.setdefault(key, set())
            account = _of_existing(resource)
            if account and resource.type in _OF_IAM:
                told.setdefault(key, set()).add(account)
            elif account:
                accounts.add(account)
        elif resource.type == "aws_caller_identity" and _asks_aws(plan.providers.get(key)):
            account = (resource.after or {}).get("account_id")
            if isinstance(account, str) and is_account(account) and account != OWN_ACCOUNT:
                told.setdefault(key, set()).add(account)
    for key in managed:
        told.setdefault(key, set()).update(_configured(plan, key))
        if not told[key] and len(managed[key]) == 1:
            told[key] = managed[key]
    return {key: frozenset(told[key]) for key in managed if told.get(key)}


def own_accounts(plan: TerraformPlan, told: Mapping[str, frozenset[str]]) -> list[frozenset[str]]:
    """The accounts a plan as a whole is for: of its default provider when anything uses it, else of all of them.

    ``told``: as ``accounts_by_provider`` gives it. A provider beside the default one may have anybody's credentials.
    """
    main = {provider_of(plan, r) for r in plan.resources.values() if r.mode == "managed" and r.type.startswith("aws_")}
    default = main & {"aws", ""}
    return [told.get(key, frozenset()) for key in default or told]


def is_account(text: str) -> bool:
    """Whether a text is an account id."""
    return len(text) == 12 and text.isascii() and text.isdigit()


def account_of(arn: str) -> str | None:
    """The account in an ARN, when it names one."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[0] == "arn" and is_account(parts[4]) else None


def _of_existing(resource: TerraformResource) -> str | None:
    """The account of something that exists, by the ARN that AWS gave it."""
    arn = resource.before.get("arn") if resource.before else None
    return account_of(arn) if isinstance(arn, str) and "arn" not in resource.expressions else None


def _configured(plan: TerraformPlan, key: str) -> Iterator[str]:
    provider = plan.providers.get(key)
    expressions = provider.get("expressions") if isinstance(provider, Mapping) else None
    if not isinstance(expressions, Mapping) or not _asks_aws(provider):
        return
    allowed = _values(expressions.get("allowed_account_ids"), plan.variables)
    if len(allowed) == 1 and not _constant(expressions.get("skip_requesting_account_id")):
        yield from filter(is_account, allowed)
    roles = expressions.get("assume_role")
    for role in roles if isinstance(roles, list) else ():
        for arn in _values(role.get("role_arn"), plan.variables) if isinstance(role, Mapping) else ():
            account = account_of(arn)
            if account:
                yield account


def _asks_aws(provider: Any) -> bool:
    """Whether the provider asks AWS itself which account it is."""
    expressions = provider.get("expressions") if isinstance(provider, Mapping) else None
    return not isinstance(expressions, Mapping) or not expressions.get("endpoints")


def _constant(expression: Any) -> Any:
    return expression.get("constant_value") if isinstance(expression, Mapping) else None


def _values(expression: Any, variables: Mapping[str, Any]) -> list[str]:
    """The texts of an expression: written out, or the value of one variable."""
    value = _constant(expression)
    references = expression.get("references") if isinstance(expression, Mapping) else None
    if value is None and isinstance(references, list) and references:
        value = variables.get(str(references[0]).removeprefix("var."))
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
