"""Which model ships, and why.

errors.exam -> comparison -> rule -> record -> report     a candidate against the current model
record -> history                                         promote, roll back
"""
