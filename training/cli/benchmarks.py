"""The commands ``cost`` and ``throughput``."""

import argparse
from pathlib import Path

from edge.detection.model_loading import shipped_model
from training.benchmarks import model_cost, throughput
from training.cli.arguments import count
from training.data.workspace import read_workspace
from training.storage.paths import REPOSITORY, find_data


def add_cost_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m training cost``."""
    parser.add_argument("model", type=Path, nargs="?", help="model.onnx (default: the shipped one)")
    parser.add_argument("--data", type=Path, help="data folder (default: $HUSHD_DATA, else ../shared/data)")
    parser.add_argument("--yamnet", type=Path, help="yamnet.tflite (default: ../peers/ beside the data folder)")
    parser.add_argument("--repeats", type=count, default=5, help="runs, of which the median is taken")


def cost(arguments: argparse.Namespace) -> None:
    """Print the table."""
    yamnet = arguments.yamnet or find_data(arguments.data).parent / "peers" / "yamnet.tflite"
    print(model_cost.measure(arguments.model or shipped_model(), yamnet, arguments.repeats).table())


def add_throughput_arguments(verb: argparse.ArgumentParser) -> None:
    """The options of ``python -m training throughput``."""
    verb.add_argument("model", type=Path, nargs="?", help="model.onnx (default: the shipped one)")
    verb.add_argument("--data", type=Path, help="data folder (default: $HUSHD_DATA, else ../shared/data)")
    verb.add_argument("--work", type=Path, default=REPOSITORY / "artifacts", help="folder for what can be made again")
    verb.add_argument("--seconds", type=count, default=5, help="processor time for each step")
    verb.add_argument("--clips", type=count, default=1_000_000, help="to reckon for")
    verb.add_argument("--devices", type=count, default=10_000, help="to reckon for")
    verb.add_argument("--shared-a-week", type=count, default=7, help="clips a speaker, to reckon with (default: 7)")
    verb.add_argument("--listen-s", type=count, default=8, help="to label a clip, to reckon with (default: 8)")


def measure_throughput(arguments: argparse.Namespace) -> None:
    """Print the tables."""
    workspace, model = read_workspace(find_data(arguments.data), arguments.work), arguments.model or shipped_model()
    stored = sum(workspace.audio_path(clip).stat().st_size for clip in workspace.clips)
    clip_bytes = stored / sum(clip.duration_s for clip in workspace.clips) * throughput.CLIP_S
    paces = throughput.measure(workspace, model, arguments.seconds)
    fleet = throughput.Fleet(arguments.clips, arguments.devices, arguments.shared_a_week, arguments.listen_s)
    print(throughput.as_text(paces, fleet, clip_bytes, model.stat().st_size))
