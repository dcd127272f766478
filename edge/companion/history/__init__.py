"""The journal and the episodes in it."""
