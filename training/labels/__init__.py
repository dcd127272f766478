"""Labels: who said what about which clip, under which wording of the guideline.

    importers -> importing -> store                what comes in: folders, tables, device_clips
    store -> validation                            is it what it says?
    store -> label_studio -> store                 people listen, and what they said
    store -> answers -> agreement -> disagreements do people agree, and where not?
    store -> consensus                             one label a clip, with where it came from
    store -> audit                                 labels the sound contradicts, duplicates, leaks, poor sound
    store -> relabel                               what a new guideline version costs

A label row is never changed nor deleted. What is derived from rows (figures, consensus, queues) can be made again.
"""
