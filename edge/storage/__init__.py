"""The outbox, SQLite that survives a failing disk, and atomic files."""
