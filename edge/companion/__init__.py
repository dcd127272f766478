"""``hushd phone``: the companion that calls the parents where there is no Home Assistant.

    broker -> link -> messages -> house -> companion -> calling, watch -> push -> the parents' phones
                                    |          `----> journal
                                    `-- the page (edge.companion.web) shows it, and sends commands through it

``calling`` and ``watch`` decide, without a clock and without I/O; ``companion`` is the loop that feeds them.
"""
