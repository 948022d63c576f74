"""YAML and JSON of Kubernetes in, manifests with line numbers out."""
