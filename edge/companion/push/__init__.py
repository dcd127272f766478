"""Queues of pushes, push services, recipients and texts."""
