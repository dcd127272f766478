"""The phone page: what the baby is doing, and what a parent can do about it, in a browser.

    settings   where it listens, and for whom
    access     who may: one-time pairing codes and sessions, hashes only, in SQLite
    limits     how often anybody may try
    connections  limits on open connections, by network and by idle time
    guard      which requests are let through, and the headers on every answer
    words      what the house says, in a parent's words
    nights     the last nights, laid out to be drawn
    orders     what a parent asks for, and the speaker's answer to it
    hub        the house, put into words once for all phones
    stream     the live view, by server-sent events
    app        the addresses of all that
    server     the thread that serves it
    invite     the pairing link and its QR code

The page itself is in ``static``: HTML, CSS and JavaScript as they are, made by nothing and loaded from nowhere else.
"""
