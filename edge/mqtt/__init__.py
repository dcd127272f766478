"""MQTT transport: connection, publisher and embedded broker."""
