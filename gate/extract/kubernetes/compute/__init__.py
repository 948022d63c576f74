"""Pods and what makes them in, workloads out: their account, their settings, what reaches them."""
