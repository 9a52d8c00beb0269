"""Records ops.json: the argument names of every TensorFlow operation that tfjs-node can dispatch.

A FunctionDef names what the eager API counts: "n7:output:0" instead of "output 0 of the 7th
operation", and types that the eager API infers have to be written down. Run it where tensorflow-cpu
2.21.0 is installed:
    python tools/native/ops.py node_modules/@tensorflow/tfjs-node-gpu/dist \\
        > src/engine/native/ops.json

An entry is [inputs, outputs]; an input is [type, count, types] and an output [name, count, types],
where `type` is the name of the attribute that holds the type ("" where it is fixed), `count` the
attribute that says how many tensors the argument takes, and `types` the attribute that lists their
types ("" where there is none).
"""

import json
import os
import pathlib
import re
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
from tensorflow.core.framework import op_def_pb2  # noqa: E402
from tensorflow.python.client import pywrap_tf_session  # noqa: E402

# Used by llm itself, not by tfjs-node. Stateful operations (random numbers with a hidden state) are
# left out too.
OWN = {
    "StatelessRandomGetKeyCounter",
    "StatelessRandomUniformV2",
    "AddV2",
    "BiasAdd",
    "BiasAddGrad",
    "L2Loss",
    "MatMul",
    "MatrixBandPart",
    "SigmoidGrad",
    "SparseSoftmaxCrossEntropyWithLogits",
}

# XLA cannot compile them: the shape of the result depends on the data, or it is no number.
LEFT_OUT = re.compile(
    "Where|Unique|NonMaxSuppression|Decode|Encode|StaticRegex|Save|Concat$|Merge|Simple|If$|For$"
    "|NoOp|_"
)

words = set(OWN)
for file in pathlib.Path(sys.argv[1]).rglob("*.js"):
    words.update(re.findall(r"(?:\btfjs_1\.|['\"])(\w{3,})", file.read_text()))

ops = op_def_pb2.OpList()
ops.ParseFromString(pywrap_tf_session.TF_GetBuffer(pywrap_tf_session.TF_GetAllOpList()))
table = {
    op.name: [
        [[a.type_attr, a.number_attr, a.type_list_attr] for a in op.input_arg],
        [[a.name, a.number_attr, a.type_list_attr] for a in op.output_arg],
    ]
    for op in ops.op
    if op.name in words and not op.is_stateful and not LEFT_OUT.match(op.name)
}
print(
    "{\n"
    + ",\n".join(
        f"{json.dumps(k)}:{json.dumps(v, separators=(',', ':'))}" for k, v in sorted(table.items())
    )
    + "\n}"
)
