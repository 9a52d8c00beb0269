"""What PyTorch and transformers give, for the notebook of lesson 07 (positions) to compare with.

    python datasets/runs/07-positions/reference.py      writes reference.json

Needs torch and transformers. The tests of llm/position have fixtures of their own, with gradients.
"""

import json
from pathlib import Path

import torch
import transformers
from transformers.models.bloom.modeling_bloom import build_alibi_tensor
from transformers.models.gptj.modeling_gptj import apply_rotary_pos_emb, create_sinusoidal_positions
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb as llama_rotary
from transformers.models.t5.modeling_t5 import T5Attention


def numbers(x):
    return {"shape": list(x.shape), "values": [float(f"{v:.9g}") for v in x.flatten().tolist()]}


# The paper's formula in 64 bits: transformers' own tables have all sines before all cosines.
T, C = 40, 16
angles = torch.arange(T).double()[:, None] / 10000 ** (torch.arange(0, C, 2).double() / C)
sinusoidal = torch.stack([angles.sin(), angles.cos()], -1).flatten(1)

# transformers gives T5 the position of the key minus that of the query.
distances = torch.arange(0, 400)
bucket = T5Attention._relative_position_bucket
buckets = bucket(-distances, bidirectional=False, num_buckets=32, max_distance=128)

# BLOOM adds slope · position of the key, which differs from −slope · distance by one number in a row.
alibi = build_alibi_tensor(torch.ones(1, 6), 8, torch.float32).reshape(8, 6)

# GPT-J's rotary embedding, whose pairs are neighbours, of (B, T, H, D).
torch.manual_seed(7)
x = torch.randn(1, 9, 2, 12)
sin, cos = create_sinusoidal_positions(9, 12).chunk(2, -1)
rotated = apply_rotary_pos_emb(x, sin[None], cos[None])

# The same queries and keys with the weights of GPT-J's layout: in GPT-J's rotary embedding, and in
# LLaMA's, whose pairs are halves, before and after the columns of each head are rearranged.
H, D, C = 2, 6, 8
h, Wq, Wk = torch.randn(5, C), torch.randn(C, H * D), torch.randn(C, H * D)
one_head = [*range(0, D, 2), *range(1, D, 2)]
order = [head * D + c for head in range(H) for c in one_head]
sin, cos = (t[None] for t in create_sinusoidal_positions(5, D).chunk(2, -1))
angles = torch.arange(5).double()[:, None] / 10000 ** (torch.arange(0, D, 2).double() / D)
cos_half, sin_half = (f(torch.cat([angles, angles], -1))[None].float() for f in (torch.cos, torch.sin))


def gptj(q, k):
    q, k = (apply_rotary_pos_emb(t.view(1, 5, H, D), sin, cos).transpose(1, 2) for t in (q, k))
    return (q @ k.mT)[0]  # (H, T, T)


def llama(q, k):
    q, k = (t.view(1, 5, H, D).transpose(1, 2) for t in (q, k))
    q, k = llama_rotary(q, k, cos_half, sin_half)
    return (q @ k.mT)[0]


layouts = {
    "neighbours": gptj(h @ Wq, h @ Wk),
    "halves": llama(h @ Wq, h @ Wk),
    "halves, rearranged": llama(h @ Wq[:, order], h @ Wk[:, order]),
}

reference = {
    "source": f"torch {torch.__version__}, transformers {transformers.__version__}",
    "sinusoidal": numbers(sinusoidal),
    "buckets": buckets.tolist(),
    "alibi": numbers(alibi),
    "rope": {"x": numbers(x.transpose(1, 2)), "rotated": numbers(rotated.transpose(1, 2))},
    "weights": {"h": numbers(h), "Wq": numbers(Wq), "Wk": numbers(Wk)},
    "scores": {name: numbers(scores) for name, scores in layouts.items()},
}
Path(__file__).with_name("reference.json").write_text(json.dumps(reference) + "\n")
