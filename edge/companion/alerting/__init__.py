"""Pure rules of the companion: escalation, liveness monitor and the age of an event."""
