"""Labeling with Label Studio, the tool labellers know: tasks go in, answers come back.

    store -> pieces -> candidates -> selection -> planning -> batches     who hears what, in which order
    batches -> media, layout -> files to import by hand, or projects -> server
    export by hand, or server -> answers -> taking -> store

One project a labeller and guideline version, so nobody sees another one's answers. A task's name tells nothing: which
clip it is, and whether it is a hidden repeat or a gold clip, stands in the batch's plan beside the store.
"""
