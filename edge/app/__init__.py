"""Assembles and runs the daemon, and the commands check and replay."""
