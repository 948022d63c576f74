"""Builds the wheels that a release publishes."""
