"""A synthesized minute in a baby's room, which ``hushd demo`` plays."""

from edge.demo.scene import Part, blocks, samples, timeline, write

__all__ = ["Part", "blocks", "samples", "timeline", "write"]
