"""The companion's connection, its messages and the registry of speakers."""
