"""A recording's scores from the deployed pipeline."""

from edge.detection.classifier import Classifier
from edge.detection.features import LogMelStream
from edge.detection.windows import HopFramer
from edge.records import AudioBlock, FloatArray, Scores, read_only


def run_pipeline(classifier: Classifier, samples: FloatArray) -> list[Scores]:
    """Score a whole recording with the device's own stages; the classifier starts from silence."""
    hops, features = HopFramer(), LogMelStream()
    block = AudioBlock(read_only(samples), 0)
    scored = (classifier.push(features.push(hop)) for hop in hops.push(block))
    return [scores for scores in scored if scores is not None]
