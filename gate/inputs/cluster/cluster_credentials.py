"""Who the gate is at an API server: a context of a kubeconfig, or the service account of the pod it runs in."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

from gate.errors import ClusterError
from gate.inputs.text.reading import display

IN_CLUSTER = "in-cluster"
_HINT = "--kubeconfig FILE and --context NAME choose one; `kubectl config get-contexts` lists what there is."


async def configuration(kubeconfig: Path | None, context: str | None, in_cluster: bool) -> tuple[str, Any]:
    """The name of the context and the client library's configuration. Raises ``ClusterError``.

    Credentials that run out (a plugin's tokens, the pod's token) are renewed before a request that would need it.
    """
    from kubernetes_asyncio.client import Configuration

    logging.getLogger("kubernetes_asyncio").setLevel(logging.CRITICAL)  # what it logs we raise, and it may quote tokens
    settings = Configuration()
    if in_cluster:
        _of_pod(settings)
        return IN_CLUSTER, settings
    return await _of_kubeconfig(settings, kubeconfig, context), settings


def _of_pod(settings: Any) -> None:
    from kubernetes_asyncio.config import ConfigException, load_incluster_config

    try:
        load_incluster_config(client_configuration=settings)
    except (ConfigException, OSError) as error:
        raise ClusterError(
            "No service account is available here to read the cluster.", hint="Run it in a pod, or give --kubeconfig."
        ) from error


async def _of_kubeconfig(settings: Any, kubeconfig: Path | None, context: str | None) -> str:
    from kubernetes_asyncio.config import ConfigException, load_kube_config
    from yaml import YAMLError

    where = str(kubeconfig or os.environ.get("KUBECONFIG") or Path("~/.kube/config").expanduser())
    files = [Path(part).expanduser() for part in where.split(os.pathsep) if part]
    if not any(file.is_file() for file in files):
        shown = ", ".join(display(file) for file in files) or "KUBECONFIG"
        raise ClusterError(f"{shown}: there is no kubeconfig.", hint=_HINT)
    shown = ", ".join(display(file) for file in files)
    try:
        loader: Any = await load_kube_config(
            config_file=where, context=context, client_configuration=settings, persist_config=False
        )
    except ConfigException as error:
        raise ClusterError(f"{shown}: {_said(error, context)}", hint=_HINT) from error
    except (YAMLError, OSError, ValueError, TypeError, KeyError, AttributeError, AssertionError) as error:
        raise ClusterError(f"{shown} is not a usable kubeconfig.", hint=_HINT) from error
    except Exception as error:  # whatever a credential plugin or an identity provider throws
        raise ClusterError(
            f"{shown}: the credentials of the context cannot be obtained.",
            hint="`kubectl auth whoami` asks the same plugin.",
        ) from error

    async def renewed(held: Any) -> None:
        if hasattr(loader, "exec_plugin_expiry"):
            await loader.load_from_exec_plugin()
            held.api_key["BearerToken"] = loader.token

    settings.refresh_api_key_hook = renewed
    return str(loader.current_context["name"])


def _said(error: Exception, context: str | None) -> str:
    """What is wrong with a kubeconfig; the library's own text may quote the file."""
    text = str(error)
    if "current-context" in text:
        return "it does not set a current context."
    if "with name" in text and "contexts" in text:
        return f"it has no context {context}." if context else "its current context does not exist."
    if "command" in text or "exec" in text:
        return "its credential plugin gave no credentials."
    return "it is not a usable kubeconfig."
