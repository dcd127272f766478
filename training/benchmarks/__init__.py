"""Time and memory that the device and the workshop need."""
