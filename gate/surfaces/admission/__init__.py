"""The gate as a validating webhook of an API server."""
