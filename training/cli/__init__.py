"""The command line: one module a command, which parses its options and calls one function of a package below."""
