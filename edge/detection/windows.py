"""Cut the stream into hops: the newest samples of each 5-second window.

Only the hop travels down the road. The other seconds of its window were seen before, and each later stage remembers
of them what it needs: the features a few samples, the classifier its frames and embeddings. So nothing that
overlapping windows share is computed twice.
"""

from collections.abc import Iterator

import numpy as np

from edge.records import HOP_STEP_SAMPLES, SAMPLE_RATE, WINDOW_SAMPLES, AudioBlock, FloatArray, Hop, read_only


class HopFramer:
    """Blocks of any size in, hops of one size out; lost samples become silence, so that time stays true."""

    def __init__(self, hop_samples: int = SAMPLE_RATE) -> None:
        if not 0 < hop_samples <= WINDOW_SAMPLES or hop_samples % HOP_STEP_SAMPLES:
            raise ValueError(f"a hop is a multiple of {HOP_STEP_SAMPLES / SAMPLE_RATE} s and at most 5 s")
        self._hop_samples = hop_samples
        self._pending: list[FloatArray] = []
        self._pending_samples = 0
        self._position = 0

    def push(self, block: AudioBlock) -> Iterator[Hop]:
        """The hops that this block completes.

        A gap longer than a window is not filled: the hop begun before it is dropped and time jumps, which the
        later stages see as a new beginning (``end_sample`` not following on).
        """
        gap = block.start_sample - self._position
        if gap < 0:
            raise ValueError(f"block starts at sample {block.start_sample}, already past at {self._position}")
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
