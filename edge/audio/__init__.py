"""Microphone, files, resampling, and the health of the microphone."""
