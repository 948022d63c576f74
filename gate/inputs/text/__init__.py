"""Bytes of a file in, text and values out, strictly: JSON, YAML, HCL. Knows nothing of Terraform or Kubernetes."""
