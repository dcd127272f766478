"""Companion of the speakers (``hushd phone``): notifies the parents' phones where there is no Home Assistant.

    broker -> mqtt -> Inbox -> Companion -> alerting -> push -> the phones
                |                  `------> history
                `-- web (the page) shows registry and journal, and sends commands

``alerting`` decides without clock and I/O. ``wiring`` builds the parts from a configuration.
"""
