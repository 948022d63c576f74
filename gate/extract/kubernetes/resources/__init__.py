"""Volumes, secrets and namespaces in, out comes what pods can take from them."""
