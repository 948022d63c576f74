"""A running cluster as an input: its API server, read by lists and watches."""
