"""Labeled sound, composed: room, microphone, sources, scenes, episodes, nights, feature shards."""
