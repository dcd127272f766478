"""The command line: turns words into one call of a function of the packages below."""
