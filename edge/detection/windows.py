"""Framing of the stream into hops: the newest samples of each 5-second window.

Only the hop goes down the pipeline. The rest of its window came with earlier hops, and each later stage keeps of it
as much as it needs: the features a few samples, the classifier its frames and embeddings. So overlapping windows share
all computation.
"""

from collections.abc import Iterator

import numpy as np

from edge.records import HOP_STEP_SAMPLES, SAMPLE_RATE, WINDOW_SAMPLES, AudioBlock, FloatArray, Hop, read_only


class HopFramer:
    """Sliding-window framer: blocks of any size in, hops of one size out; lost samples become silence."""

    def __init__(self, hop_samples: int = SAMPLE_RATE) -> None:
        """Raise ValueError unless ``hop_samples`` is a multiple of 0.25 s and at most 5 s."""
        if not 0 < hop_samples <= WINDOW_SAMPLES or hop_samples % HOP_STEP_SAMPLES:
            raise ValueError(
                f"hop_samples must be a multiple of {HOP_STEP_SAMPLES} up to {WINDOW_SAMPLES}, is {hop_samples}"
            )
        self._hop_samples = hop_samples
        self._pending: list[FloatArray] = []
        self._pending_samples = 0
        self._position = 0

    def push(self, block: AudioBlock) -> Iterator[Hop]:
        """Yield the hops that this block completes; raise ValueError for a block that goes back in time.

        A gap longer than a window is not filled. The hop begun before it is dropped and ``end_sample`` jumps, which
        makes the later stages start again.
        """
        gap = block.start_sample - self._position
        if gap < 0:
            raise ValueError(
                f"block starts at sample {block.start_sample}, before the stream position {self._position}"
            )
        if gap > WINDOW_SAMPLES:
            self._pending, self._pending_samples = [], 0
            self._position = block.start_sample
        elif gap:
            yield from self._append(np.zeros(gap, np.float32))
        yield from self._append(block.samples)

    def _append(self, samples: FloatArray) -> Iterator[Hop]:
        while self._pending_samples + len(samples) >= self._hop_samples:
            missing = self._hop_samples - self._pending_samples
            head, samples = samples[:missing], samples[missing:]
            hop = np.concatenate([*self._pending, head])
            self._pending, self._pending_samples = [], 0
            self._position += len(head)
            yield Hop(read_only(hop), self._position)
        if len(samples):
            self._pending.append(samples)
            self._pending_samples += len(samples)
            self._position += len(samples)
