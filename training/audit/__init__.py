"""Audit: what is wrong with the clips and labels we have, ranked, with a reason in words.

    inputs -> descriptors -> label_issues   labels that the sound contradicts (cleanlab)
                          -> duplicates     one sound twice, and what of it leaks from one split into another
                          -> outliers       damaged, silent, clipped, or like nothing else
               findings   -> report         a table, a page to listen to, and a queue to hear again

Nothing is changed: an audit says what to listen to, people decide.
"""
