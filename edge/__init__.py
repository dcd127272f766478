"""hushd on the device: microphone -> classifier -> decision -> alert."""
