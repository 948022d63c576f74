"""The ARNs of the tasks that ECS services run: named by their cluster and a part that ECS makes up.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
"""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_lowercase

from gate.extract.aws.plan.plan_index import Item, PlanIndex
from gate.extract.aws.plan.referenced_resources import ReferencedResources
from gate.extract.aws.plan.resource_arns import region


def task_arns(side: PlanIndex, links: ReferencedResources) -> Iterator[tuple[str, str]]:
    """ARN and the id of the task definition, for each service of the plan that runs one of the plan's."""
    for number, service in enumerate(side.of("aws_ecs_service")):
        for definition in links.linked(service, ("task_definition",), "aws_ecs_task_definition"):
            cluster, account = _cluster(service, links), side.account_of(service) or "{account?}"
            yield f"arn:aws:ecs:{region(service)}:{account}:task/{cluster}/{{{_letters(number)}?}}", definition.id


def _cluster(service: Item, links: ReferencedResources) -> str:
    for cluster in links.linked(service, ("cluster",), "aws_ecs_cluster"):
        return cluster.text("name") or "{cluster?}"
    text = service.text("cluster")
    return text.rpartition("/")[2] if text else "{cluster?}" if service.is_unknown("cluster") else "default"


def _letters(number: int) -> str:
    """A name of its own for each service: two may share a cluster."""
    found = ""
    while number >= 0:
        number, letter = divmod(number, 26)
        found, number = ascii_lowercase[letter] + found, number - 1
    return found
