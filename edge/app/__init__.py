"""The daemon, and the subcommands check and replay."""
