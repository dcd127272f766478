"""A minute in a baby's room, synthesized: what ``hushd demo`` plays when there is no baby at hand."""

from edge.demo.scene import Part, blocks, samples, timeline, write

__all__ = ["Part", "blocks", "samples", "timeline", "write"]
