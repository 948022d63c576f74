"""A running cluster in, its objects out, by lists and watches; and the reviews that its API server sends."""
