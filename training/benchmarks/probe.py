"""One measurement in a process of its own: ``python -m training.benchmarks.probe WHAT FILE`` prints it as JSON.

    quiet, loud   hushd's processor seconds a second of audio, from blocks to events
    yamnet        the same of YAMNet on the loud audio
    start         "ready" once the first window was classified; then the peak memory, MB of 2^20 bytes

Only modules of the device are imported, so that memory and start-up are the daemon's.
"""

import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

SECONDS = 120
WINDOW_SECONDS = 5
QUIET_DBFS, LOUD_DBFS = -75.0, -20.0
"""White noise of a quiet room, where the gate skips the network, and of a room where an infant cries."""
_RANDOM = Random(0)  # noqa: S311 - noise, not a secret
FORBIDDEN = ("librosa", "torch", "scipy", "pandas", "sklearn", "onnx", "matplotlib")


def noise(dbfs: float, seconds: int) -> Any:
    """White noise float32 [samples] without loading numpy's random generators, which the daemon does not."""
    import numpy as np  # noqa: PLC0415 - after edge, which tells its BLAS to use one thread

    from edge.records import SAMPLE_RATE  # noqa: PLC0415

    uniform = np.frombuffer(_RANDOM.randbytes(2 * SAMPLE_RATE * seconds), np.int16).astype(np.float32) / 2**15
    return uniform * np.float32(3**0.5 * 10 ** (dbfs / 20))


def hushd(model: Path) -> Callable[[Any], None]:
    """Return the device's pipeline with its default settings, in blocks of the microphone's length."""
    from edge.audio.settings import MicrophoneSettings  # noqa: PLC0415
    from edge.detection import model_loading  # noqa: PLC0415
    from edge.detection.decision import Decision  # noqa: PLC0415
    from edge.detection.decision_settings import DecisionSettings, Sensitivity  # noqa: PLC0415
    from edge.detection.pipeline import Pipeline  # noqa: PLC0415
    from edge.records import SAMPLE_RATE, AudioBlock  # noqa: PLC0415

    classifier = model_loading.load_classifier(model)
    thresholds = model_loading.operating_point(classifier.card, Sensitivity.NORMAL).thresholds
    pipeline = Pipeline(classifier, Decision(DecisionSettings(), thresholds))
    block = round(MicrophoneSettings().block_seconds * SAMPLE_RATE)
    position = 0

    def listen(samples: Any) -> None:
        nonlocal position
        for start in range(0, len(samples), block):
            for _ in pipeline.push(AudioBlock(samples[start : start + block], position + start)):
                pass
        position += len(samples)

    return listen


def yamnet(model: Path) -> Callable[[Any], None]:
    """Return YAMNet on one thread, with a window every half window."""
    from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415

    from training.data.yamnet import HOP_SAMPLES, WINDOW_SAMPLES  # noqa: PLC0415

    interpreter = Interpreter(str(model), num_threads=1)
    interpreter.allocate_tensors()
    source, result = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

    def windows(samples: Any) -> Iterator[Any]:
        for start in range(0, len(samples) - WINDOW_SAMPLES + 1, HOP_SAMPLES):
            yield samples[start : start + WINDOW_SAMPLES]

    def listen(samples: Any) -> None:
        for window in windows(samples):
            interpreter.set_tensor(source, window)
            interpreter.invoke()
            interpreter.get_tensor(result)

    return listen


def processor_seconds(listen: Callable[[Any], None], dbfs: float) -> float:
    """Measure processor seconds for a second of audio, after a warm-up."""
    samples = noise(dbfs, SECONDS)
    listen(samples[: len(samples) // 10])
    started_s = time.process_time()
    listen(samples)
    return (time.process_time() - started_s) / SECONDS


def start(model: Path) -> dict[str, Any]:
    """Load all that ``hushd run`` loads, classify a first window, and continue for three more."""
    for module in ("edge.cli", "edge.app.service", "edge.audio.sources", "edge.app.wiring"):
        importlib.import_module(module)
    from edge.audio.portaudio import PortAudio  # noqa: PLC0415

    PortAudio().devices()
    listen = hushd(model)
    second = noise(LOUD_DBFS, 1)
    for _ in range(WINDOW_SECONDS):
        listen(second)
    print(json.dumps("ready"), flush=True)
    for _ in range(3 * WINDOW_SECONDS):
        listen(second)
    # ru_maxrss would be wrong: a process inherits it from its parent.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak_kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return {"peak_mb": int(peak_kib) / 1024, "forbidden": [name for name in FORBIDDEN if name in sys.modules]}


def main(what: str, file: Path) -> None:
    """Measure and print as JSON."""
    match what:
        case "quiet" | "loud":
            measured: Any = processor_seconds(hushd(file), QUIET_DBFS if what == "quiet" else LOUD_DBFS)
        case "yamnet":
            measured = processor_seconds(yamnet(file), LOUD_DBFS)
        case _:
            measured = start(file)
    print(json.dumps(measured), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
