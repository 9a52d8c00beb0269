"""What bench_torch.py and bench_jax.py have in common: what bench.mjs has written, and how it asks
for steps.

FOLDER has setup.json, weights.bin and batches.bin. For every line {"from", "steps"} on stdin that
many steps are trained, or that many tokens decoded, and {"losses", "ms"} is printed.
"""

import json
import math
import os
import sys
import time

import numpy as np


def read_setup(folder):
    with open(os.path.join(folder, "setup.json")) as file:
        return json.load(file)


def read_weights(folder, setup):
    """Pairs of a parameter's name, without "transformer.", and its values."""
    weights, at = np.fromfile(os.path.join(folder, "weights.bin"), np.float32), 0
    for name, shape in setup["shapes"].items():
        yield name.removeprefix("transformer."), weights[at : at + math.prod(shape)].reshape(shape)
        at += math.prod(shape)


def read_batches(folder, B, T):
    """(batches, B, T + 1) token ids."""
    return np.fromfile(os.path.join(folder, "batches.bin"), np.int32).reshape(-1, B, T + 1)


def learning_rate(setup, i):
    return setup["lr"] * min(1, (i + 1) / 10)


def loss_of_token(z, target):
    """-ln softmax(z)[target]"""
    return float(z.max() + np.log(np.exp(z - z.max()).sum()) - z[target])


def serve(one, about):
    """Says that it is ready; `one(i)` is step i and gives its loss."""
    print(about, flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        losses, ms = [], []
        for i in range(order["from"], order["from"] + order["steps"]):
            started = time.perf_counter()
            losses.append(one(i))
            ms.append((time.perf_counter() - started) * 1e3)
        print(json.dumps({"losses": losses, "ms": ms}), flush=True)
