"""The label store, and everything derived from its rows.

    importers, csv_reader, device_clips -> run_import -> store     clips and labels from folders, tables and devices
    store -> validation                                            problems of rows and files
    store -> label_studio -> store                                 tasks for labelers, and their answers
    store -> rating_matrix -> agreement, disagreements             agreement between labelers
    store -> consensus -> training_labels                          one label a clip, and the labels of training
    store -> migration                                             the cost of a new guideline version
    store -> collect                                               clips for the data folder

A label row is never changed or deleted. Figures, consensus tables and queues are derived and can be made again.
"""
