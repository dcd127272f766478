"""Seeds of the benchmark and of the nights that operating points are measured on.

They differ, so that no sensitivity is judged on the nights that set it.
"""

EPISODE_SEED = 12
"""Composed episodes of the test split."""
NIGHT_SEED = 21
"""Nights of the test split."""
MEASURING_OFFSET = 2
"""Added to the seed of ``nights``: dev nights on which the operating points are measured. The sensitivities were set on
the two seeds before.
"""
