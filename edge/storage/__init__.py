"""The outbox, SQLite files that survive a failing disk, migrations, and atomic files."""
