"""Seeds of the benchmark and of the nights that operating points are measured on.

They differ, so that no sensitivity is judged on the nights that set it.
"""

EPISODE_SEED = 12
"""Composed episodes of the test split."""
NIGHT_SEED = 21
"""Nights of the test split."""
MEASURING_OFFSET = 2
"""Added to the ``nights`` seed for the dev nights that measure operating points. The sensitivities were set on the two
seeds before.
"""
