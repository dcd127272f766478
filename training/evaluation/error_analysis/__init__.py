"""Failures of a model by slice, remedies for them, and the effect of a remedy.

    episode_set, nights -> benchmark          one model's answers to fixed night events, the same for every model
    benchmark -> slice_keys -> slices         failures by slice, the weakest first
    slices -> remedies -> relabel_queue       relabel, collect or augment, as commands
    benchmark -> paired -> effect             two models on the same night events, slice by slice

The release gate (``training.release``) decides by the same answers.
"""
