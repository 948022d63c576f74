"""Webhooks and aggregated APIs: where they stand and what they see."""

from __future__ import annotations

import pytest

from gate.model.access import Interceptor, Source
from tests.extract.kubernetes.kubernetes_manifests import lines, model


def test_where_a_webhook_stands_and_what_it_is_asked_about() -> None:
    found = model(
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: MutatingWebhookConfiguration
        metadata: {name: hooks}
        webhooks:
        - clientConfig: {url: "https://out.example.com:8443/mutate"}
          rules: [{apiGroups: ["", apps], resources: [secrets, deployments]}]
        - clientConfig: {service: {name: in, namespace: tools}}
        - clientConfig: {}
        """
    )
    address = "k8s:MutatingWebhookConfiguration//hooks"
    seen = ("secrets", "deployments", "apps/secrets", "apps/deployments")
    out, inside = (Source(address, None, lines(line, line)) for line in (6, 8))
    assert found.interceptors == [
        Interceptor("mutating webhook", "out.example.com", True, False, seen, out, "create"),
        Interceptor("mutating webhook", None, False, False, (), inside, "create"),
    ]


@pytest.mark.parametrize(
    ("url", "outside"),
    [
        ("https://policy.gate.svc/", False),
        ("https://Policy.gate.svc.cluster.local:9443/", False),
        ("https://localhost:9443/", False),
        ("https://127.0.0.1/", False),
        ("https://[::1]:9443/", False),
        ("https://svc.example.com/", True),
        ("https://127.0.0.1.example.com/", True),
        ("https://a.policy.gate.svc.example.com/", True),
        ("https://10.0.0.1/", True),
    ],
)
def test_a_host_is_inside_when_the_cluster_answers_for_it(url: str, outside: bool) -> None:
    found = model(
        f"""
        apiVersion: admissionregistration.k8s.io/v1
        kind: MutatingWebhookConfiguration
        metadata: {{name: hooks}}
        webhooks: [{{clientConfig: {{url: "{url}"}}}}]
        """
    )
    assert [interceptor.outside for interceptor in found.interceptors] == [outside]


def test_a_service_that_stands_for_a_name_is_that_host() -> None:
    found = model(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: proxy, namespace: tools}
        spec: {type: ExternalName, externalName: api.example.com}
        ---
        apiVersion: apiregistration.k8s.io/v1
        kind: APIService
        metadata: {name: v1.metrics}
        spec: {insecureSkipTLSVerify: true, service: {name: proxy, namespace: tools}}
        ---
        apiVersion: apiregistration.k8s.io/v1
        kind: APIService
        metadata: {name: v1.apps}
        spec: {group: apps}
        ---
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: widgets.example.com}
        spec: {conversion: {strategy: Webhook, webhook: {clientConfig: {url: "https://c.example.com/"}}}}
        ---
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: gadgets.example.com}
        spec: {group: example.com}
        """
    )
    assert [(i.kind, i.host, i.unverified, i.source.address) for i in found.interceptors] == [
        ("conversion webhook", "c.example.com", False, "k8s:CustomResourceDefinition//widgets.example.com"),
        ("aggregated API", "api.example.com", True, "k8s:APIService//v1.metrics"),
    ]


def test_one_of_another_shape_is_told() -> None:
    found = model(
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingWebhookConfiguration
        metadata: {name: hooks}
        webhooks: none
        ---
        apiVersion: admissionregistration.k8s.io/v1
        kind: MutatingWebhookConfiguration
        metadata: {name: hooks}
        webhooks: [{clientConfig: {url: "https://[::bad"}}]
        """
    )
    assert [(unknown.what, unknown.source.address) for unknown in found.unknown] == [
        ("object", "k8s:MutatingWebhookConfiguration//hooks"),
        ("object", "k8s:ValidatingWebhookConfiguration//hooks"),
    ]
