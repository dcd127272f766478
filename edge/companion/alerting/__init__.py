"""Pure rules: escalation, liveness monitor and the age of an event."""
