"""Manifests in, objects out: by kind, with their ids, and the pods in them."""
