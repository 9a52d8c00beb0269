"""The Python side of `npm run bench -- --what inference`: transformers continues a text.

    python bench_inference.py JOB_FILE

JOB_FILE is JSON: {"folder", "ids", "tokens", "threads"}. The folder has the weights in float32, as
llm/pretrained writes them. With a KV cache; greedy; tokens that end a text are not looked at.
"""

import json
import os
import sys
import time

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
os.environ["TQDM_DISABLE"] = "1"
import torch  # noqa: E402
from transformers import AutoModelForCausalLM  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    job = json.load(file)
torch.set_num_threads(job["threads"])
model = AutoModelForCausalLM.from_pretrained(job["folder"], dtype=torch.float32).eval()


@torch.inference_mode()
def write(tokens):
    new = []
    cache = None
    start = time.perf_counter()
    first = None
    ids = torch.tensor([job["ids"]])
    for _ in range(tokens):
        output = model(ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache = output.past_key_values
        ids = output.logits[:, -1].argmax(-1, keepdim=True)
        new.append(int(ids))
        first = first or time.perf_counter() - start
    return new, first, time.perf_counter() - start


write(8)
cpu = time.process_time()
new, first, wall = write(job["tokens"])
answer = {"ids": new, "first": first, "wall": wall, "texts": 1}
print(json.dumps({**answer, "cpu": time.process_time() - cpu}))
