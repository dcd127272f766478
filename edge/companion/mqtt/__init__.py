"""MQTT side of the companion: connection, parsed messages, registry of speakers, commands."""
