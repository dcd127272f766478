"""Metrics, runs through the deployed pipeline, reports and error analysis."""
