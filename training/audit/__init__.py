"""The audit of clips and labels: a ranked list of problems, each with a reason.

    inputs -> descriptors -> label_issues   likely wrong labels (cleanlab)
                          -> duplicates     one sound in two clips, and leaks from one split into another
                          -> outliers       damaged, silent and clipped clips, and outliers
              findings    -> report         a table, a page with the clips, and a queue to relabel

An audit changes no data. People listen to the findings and decide.
"""
