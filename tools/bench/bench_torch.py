"""The PyTorch side of `npm run bench`: the model, data and optimizer of bench.mjs, trained on
demand.

    python bench_torch.py FOLDER manual|sdpa|torch.compile train|decode      on the CPU
    python bench_torch.py FOLDER [compile-]fp32|tf32|bf16 train              on a CUDA GPU, SDPA,
                                                                             that precision

What is read and printed is in bench_peer.py. Weights are stored (in, out), as GPT-2's Conv1D has
them.
"""

import math
import sys

import torch
import torch.nn.functional as F
from bench_peer import learning_rate, loss_of_token, read_batches, read_setup, read_weights, serve
from torch import nn

folder, mode, what = sys.argv[1:]
precision = (
    mode.removeprefix("compile-")
    if mode.removeprefix("compile-") in ("fp32", "tf32", "bf16")
    else None
)
compiled = mode == "torch.compile" or mode.startswith("compile-")
device = "cuda" if precision else "cpu"
if precision and not torch.cuda.is_available():
    sys.exit("PyTorch finds no CUDA GPU")
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
setup = read_setup(folder)
L, H, C, T, B, V = (
    setup[k] for k in ("nLayer", "nHead", "nEmbd", "blockSize", "batchSize", "vocabSize")
)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.c_attn, self.c_proj = nn.Linear(C, 3 * C), nn.Linear(C, C)
        self.c_fc, self.mlp_proj = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)
        self.register_buffer("future", torch.triu(torch.ones(T, T), 1).bool())

    def forward(self, x):
        q, k, v = (
            z.view(B, T, H, C // H).transpose(1, 2) for z in self.c_attn(self.ln_1(x)).split(C, 2)
        )
        if mode == "manual":
            scores = (q @ k.transpose(-2, -1)) / math.sqrt(C // H)
            y = F.softmax(scores.masked_fill(self.future, float("-inf")), -1) @ v
        else:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.c_proj(y.transpose(1, 2).reshape(B, T, C))
        return x + self.mlp_proj(F.gelu(self.c_fc(self.ln_2(x)), approximate="tanh"))

    def decode(self, x, t):
        """x (1, C) is token t: its keys and values go into buffers made once, its query reads their
        first t + 1 rows.
        """
        q, k, v = self.c_attn(self.ln_1(x)).view(3, H, 1, C // H)
        self.k[:, t], self.v[:, t] = k[:, 0], v[:, 0]
        k, v = self.k[:, : t + 1], self.v[:, : t + 1]
        if mode == "manual":
            y = F.softmax((q @ k.transpose(-2, -1)) / math.sqrt(C // H), -1) @ v
        else:
            y = F.scaled_dot_product_attention(q[None], k[None], v[None])
        x = x + self.c_proj(y.reshape(1, C))
        return x + self.mlp_proj(F.gelu(self.c_fc(self.ln_2(x)), approximate="tanh"))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(V, C), nn.Embedding(T, C)
        self.h = nn.ModuleList([Block() for _ in range(L)])
        self.ln_f = nn.LayerNorm(C)

    def forward(self, ids, targets):
        x = self.wte(ids) + self.wpe.weight
        for block in self.h:
            x = block(x)
        return F.cross_entropy((self.ln_f(x) @ self.wte.weight.T).view(-1, V), targets.reshape(-1))

    def decode(self, token, t):
        x = self.wte.weight[token : token + 1] + self.wpe.weight[t : t + 1]
        for block in self.h:
            x = block.decode(x, t)
        return self.ln_f(x) @ self.wte.weight.T


def load(model):
    for name, values in read_weights(folder, setup):
        value = torch.from_numpy(values.copy())
        path = (
            name.replace("attn.c_", "c_")
            .replace("mlp.c_fc", "c_fc")
            .replace("mlp.c_proj", "mlp_proj")
        )
        parameter = model.get_parameter(path)
        linear = ".c_" in path or ".mlp_proj" in path
        parameter.data.copy_(value.T if linear and value.dim() == 2 else value)


model = GPT()
load(model)
model.to(device)
decayed = [p for p in model.parameters() if p.dim() >= 2]
others = [p for p in model.parameters() if p.dim() < 2]
optimizer = torch.optim.AdamW(
    [
        {"params": decayed, "weight_decay": setup["weightDecay"]},
        {"params": others, "weight_decay": 0.0},
    ],
    lr=setup["lr"],
    betas=(setup["beta1"], setup["beta2"]),
    eps=setup["eps"],
    fused=True,
)
rows = torch.from_numpy(read_batches(folder, B, T)).long().to(device)
net = torch.compile(model) if compiled and what == "train" else model


def forward(ids, targets):
    with torch.autocast(device, torch.bfloat16, enabled=precision == "bf16"):
        return net(ids, targets)


if net is not model:
    forward(
        rows[0][:, :-1], rows[0][:, 1:]
    ).backward()  # compiles, or fails, before it is counted in
    optimizer.zero_grad(set_to_none=True)


def train(i):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate(setup, i)
    batch = rows[i % len(rows)]
    loss = forward(batch[:, :-1], batch[:, 1:])
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), setup["clip"])
    optimizer.step()
    return loss.item()


text = rows[0, 0].tolist()


@torch.inference_mode()
def decode(i):
    t = i % T
    z = model.decode(text[t], t)[0].numpy()  # the numbers come out, as a sampler needs them
    return loss_of_token(z, text[t + 1])


if what == "decode":
    with torch.inference_mode():
        for block in model.h:
            block.k, block.v = torch.zeros(H, T, C // H), torch.zeros(H, T, C // H)
where = torch.cuda.get_device_name() if precision else f"{torch.get_num_threads()} threads"
serve(train if what == "train" else decode, f"PyTorch {torch.__version__}, {where}")
