"""Paths, atomic writes and cached results."""
