"""Several nets as one graph, whose probabilities are the mean of theirs.

Nets of other labels or variations err on different sounds, and their mean errs on fewer of them (deep ensembles:
Lakshminarayanan et al., arXiv 1612.01474). To the device it is one model: the members' embeddings lie side by side,

    frames [1, context + 16 n, mels], past [1, 20, members x width]  ->  probabilities [1, labels], recent (as past)

and their stems, which look at the same frames, are one convolution.
"""

from collections.abc import Sequence

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, compose, helper, numpy_helper

from edge.classifier import WINDOW_STEPS
from edge.errors import ModelError

_STEM = ["Sub", "Div", "Unsqueeze", "Conv", "Relu"]
"""What every net of ``training.net`` begins with, by operator."""


def mean_of(members: Sequence[ModelProto]) -> ModelProto:
    """One graph of two or more nets as ``export`` writes them; ModelError for one that is not. Without metadata."""
    parts = [compose.add_prefix(member, f"{number}/").graph for number, member in enumerate(members)]
    count = len(parts)
    stem, weights = _shared_stem(parts)
    nodes = [
        *stem,
        helper.make_node("Split", ["stem"], [_stem(part)[-1].output[0] for part in parts], axis=1, num_outputs=count),
        helper.make_node("Split", ["past"], [part.input[1].name for part in parts], axis=2, num_outputs=count),
        *(node for part in parts for node in part.node[len(_STEM) :]),
        helper.make_node("Mean", [part.output[0].name for part in parts], ["probabilities"]),
        helper.make_node("Concat", [part.output[1].name for part in parts], ["recent"], axis=2),
    ]
    asked = {name for node in nodes for name in node.input}
    kept = [each for part in parts for each in part.initializer if each.name in asked]
    memory = (1, WINDOW_STEPS, sum(part.input[1].type.tensor_type.shape.dim[2].dim_value for part in parts))
    first = members[0].graph
    graph = helper.make_graph(
        nodes,
        "mean",
        [first.input[0], helper.make_tensor_value_info("past", TensorProto.FLOAT, memory)],
        [first.output[0], helper.make_tensor_value_info("recent", TensorProto.FLOAT, memory)],
        [*kept, *weights],
    )
    return helper.make_model(graph, opset_imports=members[0].opset_import, ir_version=members[0].ir_version)


def _stem(graph: GraphProto) -> Sequence[NodeProto]:
    stem: Sequence[NodeProto] = graph.node[: len(_STEM)]
    if [node.op_type for node in stem] != _STEM:
        raise ModelError("a member is no single float32 net of this training: name models that `train` made")
    return stem


def _shared_stem(parts: Sequence[GraphProto]) -> tuple[list[NodeProto], list[TensorProto]]:
    """All stems as one from ``frames`` to ``stem``, their channels in the members' order; and its weights."""
    constants = {each.name: numpy_helper.to_array(each) for part in parts for each in part.initializer}
    convolutions = [_stem(part)[3] for part in parts]
    shared = []
    for node in _stem(parts[0]):
        copy = NodeProto()
        copy.CopyFrom(node)
        shared.append(copy)
    shared[0].input[0] = "frames"
    shared[3].input[1:] = ["stem.weight", "stem.bias"]
    shared[4].output[0] = "stem"
    weights = [
        numpy_helper.from_array(np.concatenate([constants[each.input[place]] for each in convolutions]), name)
        for place, name in ((1, "stem.weight"), (2, "stem.bias"))
    ]
    return shared, weights
