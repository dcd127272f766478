"""Where a model fails, what to do about it, and what that bought.

    test_set, nights -> exam        one model's answers to the same acts as any other's
    exam -> traits -> slices        who fails how often, the weakest first
    slices -> remedies -> queue     relabel, collect, augment: as commands
    exam -> paired -> effect        two models on the same acts: what changed, and where

A release (``training.release``) is decided by the same answers.
"""
