"""Labels: who said what about which clip, under which wording of the guideline.

    importers, csv_rows -> importing -> store      what comes in
    store -> validation                            is it what it says?
    store -> label_studio -> store                 people listen, and what they said
    store -> answers -> agreement -> disagreements do people agree, and where not?
    store -> consensus                             one label a clip, with where it came from
    store -> relabel                               what a new guideline version costs

A label row is never changed nor deleted. What is derived from rows (figures, consensus, queues) can be made again.
"""
