"""Goes on with a training run of "LLM from Scratch in TypeScript", with transformers' Trainer.

    torchrun --nproc_per_node=2 train.py                       # processes on this machine
    torchrun --nnodes=2 --nproc_per_node=8 --rdzv_backend=c10d --rdzv_endpoint=HOST:29500 train.py
    deepspeed --num_gpus=8 train.py --deepspeed ds_config.json  # ZeRO
    python train.py --ray ray.json                              # Ray Train

All of transformers' TrainingArguments can be given: --output_dir, --num_train_epochs, --max_steps,
--per_device_train_batch_size, --learning_rate, --save_steps, --bf16 … What is not given comes from
run.json, which the course wrote. README.md says what is the same as in the course and what is not.
"""

import dataclasses
import json
import math
import os
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    HfArgumentParser,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    default_data_collator,
)

HERE = pathlib.Path(__file__).resolve().parent
RUN = json.loads((HERE / "run.json").read_text())


@dataclasses.dataclass
class RunArguments:
    """What TrainingArguments does not have."""

    ray: str = dataclasses.field(default="", metadata={"help": "a file with Ray's ScalingConfig"})
    schedule: str = dataclasses.field(
        default="run",
        metadata={"help": "run: the learning rate goes on as in the run; transformers: its own"},
    )
    moments: bool = dataclasses.field(
        default=True, metadata={"help": "begin with AdamW's moments of the run"}
    )


class Windows(torch.utils.data.Dataset):
    """Windows of T token ids and what follows each, side by side in a file of ids."""

    def __init__(self, part, shift=0):
        self.ids = np.memmap(HERE / "data" / f"{part}.bin", dtype=RUN["dtype"], mode="r")
        self.T, self.shift = RUN["blockSize"], shift

    def __len__(self):
        return (len(self.ids) - 1 - self.shift) // self.T

    def __getitem__(self, i):
        at = self.shift + i * self.T
        row = torch.from_numpy(self.ids[at : at + self.T + 1].astype(np.int64))
        return {"input_ids": row[:-1], "labels": row[1:]}


def rate_of_run(step):
    """The run's learning rate at a step, as a share of its largest: warm-up, then a half cosine."""
    s = RUN["schedule"]
    low = s["minLr"] / s["maxLr"]
    if step < s["warmupSteps"]:
        return (step + 1) / (s["warmupSteps"] + 1)
    if step >= s["totalSteps"]:
        return low
    progress = (step - s["warmupSteps"]) / (s["totalSteps"] - s["warmupSteps"])
    return low + (1 - low) * (1 + math.cos(math.pi * progress)) / 2


class RunTrainer(Trainer):
    """Trainer with the run's loss, AdamW and learning rate."""

    def __init__(self, *args, run, **kwargs):
        super().__init__(*args, **kwargs)
        self.run = run
        self.model_accepts_loss_kwargs = False  # batches of one size: their means are averaged

    def compute_loss(self, model, inputs, return_outputs=False, **_):
        """Labels are shifted already: the last of T tokens is a prediction as well."""
        output = model(input_ids=inputs["input_ids"])
        loss = F.cross_entropy(output.logits.flatten(0, 1).float(), inputs["labels"].flatten())
        return (loss, output) if return_outputs else loss

    def create_optimizer(self, *_):
        """AdamW whose decay acts on matrices only, with the moments that the run had."""
        if self.optimizer is not None:
            return self.optimizer
        named = [(n, p) for n, p in self.model.named_parameters() if p.requires_grad]
        args = self.args
        matrices = [p for _, p in named if p.dim() >= 2]
        others = [p for _, p in named if p.dim() < 2]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": matrices, "weight_decay": args.weight_decay},
                {"params": others, "weight_decay": 0.0},
            ],
            lr=args.learning_rate,
            betas=(args.adam_beta1, args.adam_beta2),
            eps=args.adam_epsilon,
        )
        file = HERE / "optimizer.safetensors"
        if self.run.moments and file.exists() and not args.deepspeed:
            from safetensors.torch import load_file

            moments = load_file(file)
            for name, p in named:
                self.optimizer.state[p] = {
                    "step": torch.tensor(float(RUN["step"])),
                    "exp_avg": moments[f"m.{name}"].to(p.device),
                    "exp_avg_sq": moments[f"v.{name}"].to(p.device),
                }
        return self.optimizer

    def create_scheduler(self, num_training_steps, optimizer=None):
        if self.run.schedule != "run":
            return super().create_scheduler(num_training_steps, optimizer)
        if self.lr_scheduler is None:
            begun = RUN["step"]
            self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(
                optimizer or self.optimizer, lambda step: rate_of_run(begun + step)
            )
            self._created_lr_scheduler = True
        return self.lr_scheduler


class Losses(TrainerCallback):
    """Says every figure in one line of JSON, for logs that are read by programs, and how the first
    one compares with the course's.
    """

    def on_log(self, args, state, control, logs=None, **_):
        if not state.is_world_process_zero or not logs:
            return
        print(json.dumps({"step": RUN["step"] + state.global_step, **logs}), flush=True)
        if state.global_step == 0 and "eval_loss" in logs:
            ours, theirs = RUN["valLoss"], logs["eval_loss"]
            print(f"validation loss {theirs:.5f}, in the course {ours:.5f}", flush=True)


def defaults(argv):
    """What the run had; a batch of the run is shared out among the processes."""
    given = dict(RUN["arguments"])
    world = int(os.environ.get("WORLD_SIZE", 1))
    given["per_device_train_batch_size"] = max(1, RUN["batchSize"] // world)
    given["per_device_eval_batch_size"] = given["per_device_train_batch_size"]
    if any(arg.startswith("--num_train_epochs") for arg in argv):
        given["max_steps"] = -1
    return given


def train(argv):
    """What every process does, whoever has started it."""
    parser = HfArgumentParser((RunArguments, TrainingArguments))
    parser.set_defaults(**defaults(argv))
    run, args = parser.parse_args_into_dataclasses(argv)
    model = AutoModelForCausalLM.from_pretrained(HERE / "model", dtype=torch.float32)
    for name, p in model.named_parameters():
        # transformers' GPT-2 always has biases: those of a run without any stay 0
        p.requires_grad_(RUN["biases"] or not name.endswith(".bias"))
    seed = torch.Generator().manual_seed(args.seed)
    shift = int(torch.randint(RUN["blockSize"], (1,), generator=seed))
    trainer = RunTrainer(
        model=model,
        args=args,
        run=run,
        train_dataset=Windows("train", shift),
        eval_dataset=Windows("val"),
        processing_class=AutoTokenizer.from_pretrained(HERE / "model"),
        data_collator=default_data_collator,  # windows are all of one length
        callbacks=[Losses()],
    )
    if run.ray:
        from ray.train.huggingface.transformers import prepare_trainer

        trainer = prepare_trainer(trainer)
    # No evaluate() before: a model that was prepared for evaluation is not wrapped for training any
    # more, and every process would train by itself. --eval_on_start does it afterwards.
    trainer.train(resume_from_checkpoint=args.resume_from_checkpoint)
    trainer.evaluate()
    trainer.save_model(str(pathlib.Path(args.output_dir) / "final"))


def main():
    argv = sys.argv[1:]
    run = HfArgumentParser(RunArguments).parse_args_into_dataclasses(
        argv, return_remaining_strings=True
    )[0]
    if not run.ray:
        return train(argv)
    from ray.train import ScalingConfig
    from ray.train.torch import TorchTrainer

    scaling = json.loads(pathlib.Path(run.ray).read_text())
    TorchTrainer(lambda: train(argv), scaling_config=ScalingConfig(**scaling)).fit()


if __name__ == "__main__":
    main()
