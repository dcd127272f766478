"""The decision on the current model, and its record.

error_analysis.benchmark -> comparison -> gate -> record -> report     a candidate against the current model
record -> history                                                      promote and roll back
"""
