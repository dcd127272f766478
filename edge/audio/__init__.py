"""Microphone, recordings, resampling, and the health of the microphone."""
