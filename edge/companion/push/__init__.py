"""Pushes to the phones: texts, services, recipients and a durable queue for each service."""
