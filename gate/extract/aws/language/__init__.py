"""Texts of the IAM policy language in, what they mean out: actions, ARNs, conditions, statements."""
