"""Messages on the wire: topics, events, states, commands and Home Assistant discovery."""
