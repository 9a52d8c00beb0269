"""The Python side of `npm run bench -- --what sentences`: transformers makes vectors of sentences.

    python bench_sentences.py JOB_FILE

JOB_FILE is JSON: {"folder", "texts", "batchTokens", "threads"}. Batches are those of embedTexts in
llm/bert: shortest first, at most batchTokens with padding.
"""

import json
import os
import sys
import time

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
import torch  # noqa: E402
from transformers import AutoModel, AutoTokenizer  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    job = json.load(file)
torch.set_num_threads(job["threads"])
tokenizer = AutoTokenizer.from_pretrained(job["folder"])
model = AutoModel.from_pretrained(job["folder"]).eval()


@torch.inference_mode()
def embed(texts):
    encoded = tokenizer(texts, truncation=True, max_length=256)
    rows = [{k: encoded[k][i] for k in encoded} for i in range(len(texts))]
    lengths = [len(row["input_ids"]) for row in rows]
    batches = []
    for i in sorted(range(len(texts)), key=lambda i: lengths[i]):
        if batches and (len(batches[-1]) + 1) * lengths[i] <= job["batchTokens"]:
            batches[-1].append(i)
        else:
            batches.append([i])
    vectors = [None] * len(texts)
    for batch in batches:
        inputs = tokenizer.pad([rows[i] for i in batch], return_tensors="pt")
        hidden = model(**inputs).last_hidden_state
        mask = inputs["attention_mask"][:, :, None].to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1)
        for i, vector in zip(batch, torch.nn.functional.normalize(mean).tolist()):
            vectors[i] = vector
    return vectors


embed(job["texts"])
wall, cpu = time.perf_counter(), time.process_time()
vectors = embed(job["texts"])
times = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
print(json.dumps({**times, "vectors": vectors}))
