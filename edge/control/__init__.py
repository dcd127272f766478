"""Commands of parents, applied and remembered."""
