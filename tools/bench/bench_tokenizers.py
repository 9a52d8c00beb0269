"""The Python side of `npm run bench -- --what tokenize`: one peer does one job, prints its times.

    python bench_tokenizers.py tiktoken|tokenizers FOLDER_OF_RANKS JOB

JOB is JSON: {"what", "text": path, "name", "vocabSize"}. One thread: tokenizers asks rayon, for
which the caller sets RAYON_NUM_THREADS=1; tiktoken encodes one text on one.
"""

import base64
import hashlib
import json
import os
import sys
import time

import numpy as np

peer, ranks, job = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
with open(job["text"], encoding="utf-8", newline="") as file:
    text = file.read()


def tiktoken_encode():
    import tiktoken
    from tiktoken_ext import openai_public

    def load(address, **_):
        with open(os.path.join(ranks, address.split("/")[-1]), "rb") as file:
            lines = (line.split() for line in file.read().splitlines() if line)
            return {base64.b64decode(token): int(rank) for token, rank in lines}

    openai_public.load_tiktoken_bpe = load
    name = {"gpt2": "r50k_base"}.get(job["name"], job["name"] + "_base")
    encoding = tiktoken.Encoding(**getattr(openai_public, name)())
    return lambda: np.array(encoding.encode_ordinary(text), dtype="<i4").tobytes()


def tokenizers_train():
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    def train():
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        tokenizer.train_from_iterator([text], trainers.BpeTrainer(
            vocab_size=job["vocabSize"], initial_alphabet=alphabet, show_progress=False
        ))  # fmt: skip
        merges = json.loads(tokenizer.to_str())["model"]["merges"]
        return "\n".join(" ".join(merge) for merge in merges).encode()

    return train


run = tiktoken_encode() if peer == "tiktoken" else tokenizers_train()
times = []
for _ in range(1 if job["what"] == "train" else 11):
    wall, cpu = time.perf_counter(), time.process_time()
    made = run()
    times.append((1e3 * (time.process_time() - cpu), 1e3 * (time.perf_counter() - wall)))
later = times[1:] or times
print(json.dumps({
    "cold": times[0][0],
    "warm": min(cpu for cpu, _ in later),
    "wall": min(wall for _, wall in later),
    "digest": hashlib.sha256(made).hexdigest(),
}))  # fmt: skip
