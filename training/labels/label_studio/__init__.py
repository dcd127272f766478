"""Labeling with Label Studio: tasks out, answers in.

    store -> segments -> candidates -> selection -> planning -> batches    the plan of each labeler's tasks
    batches -> media, layout -> files to import by hand, or projects -> client
    export by hand, or client -> answers -> import_answers -> store

Each labeler has one project a guideline version, so labelers do not see each other's answers. A task's name is random:
only the batch's plan, beside the store, has its clip and marks hidden repeats and gold clips.
"""
