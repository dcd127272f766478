"""History of the speakers: the journal and the episodes built from it."""
