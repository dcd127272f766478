"""The clips: manifest, decoded audio cache, checksums, attributes and tagger scores."""
