"""Annotations, config maps and custom resources in, the identities that a cluster and a cloud share out."""
