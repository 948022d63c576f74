"""Kubernetes objects to facts."""
