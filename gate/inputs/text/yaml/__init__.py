"""YAML text in, values with line numbers out, as Kubernetes reads them."""
