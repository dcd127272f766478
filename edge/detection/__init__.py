"""Hops to features to scores to events; training uses the same code."""
