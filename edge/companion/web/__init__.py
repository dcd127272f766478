"""Web page of the companion: the live state of the speakers, the last nights and commands, in a parent's browser.

    registry, journal -> view_model, night_view -> broadcaster -> sse -> browser
    browser -> connection_limits -> middleware (sessions) -> app (rate_limit) -> api_commands -> command client

``server`` runs both in a thread of its own; ``pairing`` makes the link and QR code that let a phone in. The page itself
is plain HTML, CSS and JavaScript in ``pages`` and ``static``, without a build step and without other hosts.
"""
