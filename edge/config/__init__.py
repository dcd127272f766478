"""The settings tree, its YAML reader and the example file."""
