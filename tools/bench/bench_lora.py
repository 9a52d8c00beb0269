"""The PyTorch side of `npm run bench -- --what lora` (lora.mjs): the same LoRA step by transformers
and peft, on the same files. JSON lines in, JSON lines out.

    python bench_lora.py FOLDER
"""

import json
import pathlib
import resource
import sys
import time

import numpy
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

folder = pathlib.Path(sys.argv[1])
B, T = 8, 64
base = AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32)
model = PeftModel.from_pretrained(base, folder / "lora", is_trainable=True)
model.train()
trained = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=1e-4, weight_decay=0.0, fused=True)
ids = torch.from_numpy(numpy.fromfile(folder / "batches.bin", dtype=numpy.int32)).long()
rows = ids[: len(ids) // (B * (T + 1)) * B * (T + 1)].reshape(-1, B, T + 1)


def step(i):
    batch = rows[i % len(rows)]
    optimizer.zero_grad(set_to_none=True)
    logits = model(input_ids=batch[:, :-1], use_cache=False).logits
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
    loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimizer.step()
    return loss.item()


print(f"torch {torch.__version__}, {torch.get_num_threads()} threads", flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    answer = {"losses": [], "ms": [], "cpu": []}
    for i in range(asked["from"], asked["from"] + asked["steps"]):
        wall, cpu = time.perf_counter(), time.process_time()
        answer["losses"].append(step(i))
        answer["ms"].append(1000 * (time.perf_counter() - wall))
        answer["cpu"].append(1000 * (time.process_time() - cpu))
    answer["rss"] = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps(answer), flush=True)
