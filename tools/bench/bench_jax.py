"""The JAX side of `npm run bench`: what bench_torch.py does, jit-compiled by the XLA that JAX
brings along.

    python bench_jax.py FOLDER jax train|decode      on the CPU

What is read and printed is in bench_peer.py. Parameters and optimizer state are donated.
"""

import math
import sys
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from bench_peer import learning_rate, loss_of_token, read_batches, read_setup, read_weights, serve

folder, _, what = sys.argv[1:]
setup = read_setup(folder)
L, H, C, T, B, V = (
    setup[k] for k in ("nLayer", "nHead", "nEmbd", "blockSize", "batchSize", "vocabSize")
)


def linear(p, name, x):
    return x @ p[f"{name}.weight"] + p[f"{name}.bias"]


def layer_norm(p, name, x):
    centred = x - x.mean(-1, keepdims=True)
    scale = jax.lax.rsqrt((centred * centred).mean(-1, keepdims=True) + 1e-5)
    return centred * scale * p[f"{name}.weight"] + p[f"{name}.bias"]


def feed_forward(p, layer, x):
    hidden = jax.nn.gelu(
        linear(p, f"{layer}.mlp.c_fc", layer_norm(p, f"{layer}.ln_2", x)), approximate=True
    )
    return x + linear(p, f"{layer}.mlp.c_proj", hidden)


def loss_of(p, ids, targets):
    x = p["wte.weight"][ids] + p["wpe.weight"]
    future = jnp.triu(jnp.ones((T, T), bool), 1)
    for i in range(L):
        qkv = linear(p, f"h.{i}.attn.c_attn", layer_norm(p, f"h.{i}.ln_1", x))
        q, k, v = qkv.reshape(B, T, 3, H, C // H).transpose(2, 0, 3, 1, 4)
        scores = jnp.where(future, -jnp.inf, q @ k.swapaxes(-1, -2) / math.sqrt(C // H))
        y = (jax.nn.softmax(scores) @ v).swapaxes(1, 2).reshape(B, T, C)
        x = feed_forward(p, f"h.{i}", x + linear(p, f"h.{i}.attn.c_proj", y))
    logits = layer_norm(p, "ln_f", x) @ p["wte.weight"].T
    picked = jnp.take_along_axis(logits, targets[..., None], -1)[..., 0]
    return (jax.nn.logsumexp(logits, -1) - picked).mean()


@partial(jax.jit, donate_argnums=(0, 1))
def step(p, moments, t, lr, ids, targets):
    """One step of AdamW with clipping; t counts from 1."""
    loss, grads = jax.value_and_grad(loss_of)(p, ids, targets)
    norm = jnp.sqrt(sum((g * g).sum() for g in grads.values()))
    scale = jnp.minimum(1, setup["clip"] / (norm + 1e-6))
    b1, b2 = setup["beta1"], setup["beta2"]
    c1, c2 = -jnp.expm1(t * math.log(b1)), -jnp.expm1(t * math.log(b2))
    new, new_moments = {}, {}
    for name, value in p.items():
        g = grads[name] * scale
        m = b1 * moments[name][0] + (1 - b1) * g
        v = b2 * moments[name][1] + (1 - b2) * g * g
        kept = value * (1 - lr * setup["weightDecay"]) if value.ndim >= 2 else value
        new[name] = kept - lr * (m / c1) / (jnp.sqrt(v / c2) + setup["eps"])
        new_moments[name] = (m, v)
    return new, new_moments, loss


@partial(jax.jit, donate_argnums=(1,))
def decode_step(p, cache, token, t):
    """Token t through the model; keys and values go into buffers (L, 2, H, T, C/H) made once."""
    x = p["wte.weight"][token] + p["wpe.weight"][t]
    behind = jnp.arange(T) > t
    for i in range(L):
        q, k, v = linear(p, f"h.{i}.attn.c_attn", layer_norm(p, f"h.{i}.ln_1", x)).reshape(
            3, H, C // H
        )
        cache = jax.lax.dynamic_update_slice(
            cache, jnp.stack([k, v])[None, :, :, None], (i, 0, 0, t, 0)
        )
        scores = jnp.where(
            behind, -jnp.inf, jnp.einsum("hd,htd->ht", q, cache[i, 0]) / math.sqrt(C // H)
        )
        y = jnp.einsum("ht,htd->hd", jax.nn.softmax(scores), cache[i, 1]).reshape(C)
        x = feed_forward(p, f"h.{i}", x + linear(p, f"h.{i}.attn.c_proj", y))
    return cache, layer_norm(p, "ln_f", x) @ p["wte.weight"].T


params = {name: jnp.asarray(value) for name, value in read_weights(folder, setup)}
rows = read_batches(folder, B, T)
moments = {name: (jnp.zeros_like(p), jnp.zeros_like(p)) for name, p in params.items()}
cache = jnp.zeros((L, 2, H, T, C // H))


def train(i):
    global params, moments
    batch = rows[i % len(rows)]
    params, moments, loss = step(
        params,
        moments,
        np.float32(i + 1),
        np.float32(learning_rate(setup, i)),
        batch[:, :-1],
        batch[:, 1:],
    )
    return float(loss)


def decode(i):
    global cache
    t = i % T
    cache, z = decode_step(params, cache, rows[0, 0, t], t)
    return loss_of_token(
        np.asarray(z), rows[0, 0, t + 1]
    )  # the numbers come out, as a sampler needs them


serve(train if what == "train" else decode, f"JAX {jax.__version__}, {jax.devices()[0]}")
