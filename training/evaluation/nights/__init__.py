"""Whole nights, composed from clips the model never saw, and what the device would have rung for in them."""
