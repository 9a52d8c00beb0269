"""What `gpu.py run` does on the GPU host: parts, each in processes of its own with a time limit,
none of which can cost the others anything. What is done is not done again; what a time limit or a
crash has cut off goes on next time.

    probe       what works, library by library, and with which of XLA's flags (probe.py)
    device      the engine's own answer, and PyTorch's
    check       every operation against plain JavaScript, in fp32 and TF32
    matmul      TFLOP/s of matrix products
    bench-*     one training step of 6 layers × 384, 256 tokens, batch 64, against PyTorch in the
                same precision
    train       the preset `gpu`, with the time that is left

Everything that is said on the way is in logs/, one file for each process; report.txt has a line for
each part.
"""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import time

# Of the whole time a part may take at most so many minutes; what is not used is left for those
# after it.
BUDGET = {
    "probe": 3,
    "device": 2,
    "check": 4,
    "matmul": 4,
    "bench-fp32": 5,
    "bench-tf32": 5,
    "bench-bf16": 3,
    "train": 25,
}
# What fails by itself would fail again.
MEASURED = (
    "probe",
    "check",
    "matmul",
    "bench-fp32",
    "bench-tf32",
    "bench-bf16",
)
OURS = (
    "LLM_ENGINE",
    "LLM_TF32",
    "LLM_SIZE",
    "LLM_NATIVE_LOG",
    "NODE_OPTIONS",
    "NODE_PATH",
    "XLA_FLAGS",
    "TF_XLA_FLAGS",
)
LOG_LIMIT = 200_000  # bytes of one log in logs.txt
LOGS_LIMIT = 8_000_000


def say(text):
    print(text, flush=True)


def last_json(text):
    """The last line that is a JSON object: programs and libraries talk before and after it."""
    for line in reversed(text.strip().splitlines()):
        if line.startswith("{"):
            try:
                return json.loads(line)
            except ValueError:
                pass
    return None


def tail(text, length=600):
    return " | ".join(line for line in text.strip().splitlines()[-4:] if line)[-length:]


def die_with_parent():
    """A child ends when gpu.py is killed: nothing of an old run may hold the GPU when the next one
    starts.
    """
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Runner:
    def __init__(self, host, options, env):
        self.host, self.torch, self.tiny = host, options.torch, options.tiny
        self.end = time.time() + options.minutes * 60
        self.begin("probe")
        self.logs = os.path.join(host.home, "logs")
        os.makedirs(self.logs, exist_ok=True)
        self.node = os.path.join(host.app, "bin", "node")
        cache = os.path.join(host.home, "cache")
        self.env = {name: value for name, value in env.items() if name not in OURS}
        self.env.update(
            LLM_TORCH_PYTHON=self.torch,
            TF_FORCE_GPU_ALLOW_GROWTH="true",  # several processes share the GPU
            CUDA_CACHE_PATH=os.path.join(cache, "cuda"),
            CUDA_CACHE_MAXSIZE=str(4 << 30),
            TRITON_CACHE_DIR=os.path.join(cache, "triton"),
            TORCHINDUCTOR_CACHE_DIR=os.path.join(cache, "inductor"),
        )
        # tfjs-node would take the last one, PyTorch the first.
        self.env.setdefault("CUDA_VISIBLE_DEVICES", "0")
        home = self.env.get("HOME")
        if not (home and os.access(home, os.W_OK)):
            self.env["HOME"] = host.home
        self.env.setdefault("USER", "user")  # PyTorch's compiler asks for it
        if options.cpu:
            self.env["CUDA_VISIBLE_DEVICES"] = "-1"
        self.learn()

    def learn(self):
        """What earlier parts have found out."""
        parts = self.host.state["parts"]
        self.gpu = parts.get("device", {}).get("engine") == "cuda"
        if parts.get("probe", {}).get("xlaFlags"):
            self.env["XLA_FLAGS"] = parts["probe"]["xlaFlags"]

    def command(self, name, command, limit, env=None):
        """Runs a command within `limit` seconds, its descendants too. Returns (exit status, stdout,
        why it failed).
        """
        path = os.path.join(self.logs, f"{self.part}-{name}.log")
        limit = max(1, min(limit, self.limit()))
        own = env or {}
        with open(path + ".out", "w+") as out, open(path, "a") as errors:
            errors.write(
                f"\n=== {time.strftime('%H:%M:%S')} {' '.join(command)[:500]} {json.dumps(own)} "
                f"(at most {limit:.0f} s)\n"
            )
            errors.flush()
            try:
                child = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=errors,
                    cwd=self.host.home,
                    env={**self.env, **own},
                    start_new_session=True,
                    preexec_fn=die_with_parent,
                )
            except OSError as error:
                errors.write(f"{error}\n")
                os.remove(path + ".out")
                return 127, "", f"{command[0]}: {error.strerror}"
            status = self.wait(child, limit)
            out.seek(0)
            text = out.read()
            errors.write(f"--- stdout\n{text}\n--- ended with {status}\n")
        os.remove(path + ".out")
        if status == 0:
            return status, text, ""
        with open(path, errors="replace") as file:
            said = file.read().rpartition("\n=== ")[2].partition("--- stdout")[0].partition("\n")[2]
        if status == 124:
            return (
                status,
                text,
                f"stopped after {limit:.0f} s" + (f": {tail(said)}" if said.strip() else ""),
            )
        ended = f"ended by {signal.Signals(-status).name}" if status < 0 else f"exit code {status}"
        return status, text, f"{ended}: {tail(said) or tail(text) or 'nothing was said'}"

    def wait(self, child, limit):
        try:
            return child.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            self.late = True
            # First politely: the trainer finishes its step and saves.
            for sign, patience in ((signal.SIGINT, 20), (signal.SIGKILL, 20)):
                try:
                    os.killpg(child.pid, sign)
                    child.wait(timeout=patience)
                    break
                except (subprocess.TimeoutExpired, ProcessLookupError):
                    pass
            return 124

    def js(self, name, script, args, limit, env=None):
        """Runs a script of the bundle, named by its path there."""
        return self.command(
            name, [self.node, os.path.join(self.host.app, *script.split("/")), *args], limit, env
        )

    def begin(self, part):
        self.part, self.late, self.started = part, False, time.time()

    def limit(self):
        """Seconds that the part still has."""
        return min(self.started + BUDGET[self.part] * 60, self.end) - time.time()

    def probe(self):
        import probe

        return probe.probe(self)

    def device(self):
        query = (
            "--query-gpu=name,driver_version,compute_cap,memory.total,memory.used,clocks.max.sm,"
            "power.limit,compute_mode"
        )
        tool = shutil.which("nvidia-smi") or "/usr/local/nvidia/bin/nvidia-smi"
        smi = (
            self.command("nvidia-smi", [tool, query, "--format=csv,noheader"], 30)[1]
            .strip()
            .splitlines()
        )
        script = (
            "require(process.argv[1]).useEngine({quiet:true}).then(({name,description,reasons})=>"
            "console.log(JSON.stringify({name,description,reasons})))"
        )
        _, out, why = self.command(
            "engine",
            [self.node, "-e", script, os.path.join(self.host.app, "dist", "engine")],
            self.limit(),
        )
        torch = (
            "import torch;print(torch.__version__, '· GPU' if torch.cuda.is_available() else '· no "
            "GPU')"
        )
        _, version, _ = self.command("torch", [self.torch, "-c", torch], 90)
        result = {"gpu": smi[0] if smi else None, "torch": version.strip() or None}
        answer = last_json(out)
        if not answer:
            return {**result, "ok": False, "note": f"the engine does not start: {why}"}
        result.update(ok=True, engine=answer["name"], description=answer["description"])
        if answer["name"] != "cuda":
            result["note"] = f"{(answer['reasons'] or ['no GPU'])[0]}: the CPU goes on"
        return result

    def check(self):
        results = {}
        for name, env in [("fp32", {}), *([("tf32", {"LLM_TF32": "1"})] if self.gpu else [])]:
            _, out, why = self.js(
                name, "dist/cli/selfcheck.js", ["--json"], BUDGET["check"] * 30, env
            )
            results[name] = last_json(out) or {"ok": False, "error": why}
        rows = [(name, row) for name, result in results.items() for row in result.get("rows", [])]
        bad = [
            f"{row['name']} in {name} ({row.get('error') or row['difference']})"
            for name, row in rows
            if not row["ok"]
        ]
        bad += [
            f"{name}: {result['error']}" for name, result in results.items() if "rows" not in result
        ]
        more = f" and {len(bad) - 4} more" if len(bad) > 4 else ""
        note = (
            f"not as plain JavaScript: {'; '.join(bad[:4])}{more}"
            if bad
            else f"{len(rows)} checks agree with plain JavaScript"
        )
        return {"ok": not bad, "note": note, **results}

    def matmul(self):
        sizes = "128,256" if self.tiny else "1024,2048,4096,8192" if self.gpu else "512,1024"
        result = {"ok": True}
        for name, env in [("fp32", {}), *([("tf32", {"LLM_TF32": "1"})] if self.gpu else [])]:
            status, out, why = self.js(
                name,
                "dist/cli/selfcheck.js",
                ["--matmul", "--json", "--sizes", sizes],
                BUDGET["matmul"] * 20,
                env,
            )
            result[name] = last_json(out) or {"error": why}
            result["ok"] = result["ok"] and status == 0
        _, out, why = self.command(
            "torch", [self.torch, "-c", TORCH_MATMUL, sizes], BUDGET["matmul"] * 20
        )
        result["torch"] = last_json(out) or {"error": why}
        ours = [
            f"{name} "
            + (
                f"{max(row['tflops'] for row in found['rows']):.3g}"
                if "rows" in found
                else found["error"]
            )
            for name, found in result.items()
            if name in ("fp32", "tf32")
        ]
        theirs = [
            f"{name} {max(rows):.3g}"
            for name, rows in result["torch"].items()
            if isinstance(rows, list)
        ]
        result["note"] = (
            f"TFLOP/s: {', '.join(ours)}; PyTorch "
            f"{', '.join(theirs) or 'not measured: ' + str(result['torch'].get('error'))}"
        )
        return result

    def bench(self, on_gpu, on_cpu):
        if not self.gpu and not on_cpu:
            return {"ok": True, "note": "needs a GPU"}
        config = "tiny" if self.tiny else "c" if self.gpu else "a"
        args = [
            "--config",
            config,
            "--rounds",
            "1" if self.tiny else "5",
            "--only",
            on_gpu if self.gpu else on_cpu,
            "--json",
        ]
        env = {}
        # It ran out of time before: trying Triton's products takes XLA minutes.
        if self.part in self.host.state["parts"]:
            env["XLA_FLAGS"] = (
                f"{self.env.get('XLA_FLAGS', '')} --xla_gpu_enable_triton_gemm=false".strip()
            )
        status, out, why = self.js("bench", "tools/bench/bench.mjs", args, self.limit(), env)
        answer = last_json(out) or {"rows": []}
        with open(os.path.join(self.logs, f"{self.part}-bench.log"), errors="replace") as file:
            left_out = [
                line.strip()[:300]
                for line in file.read().rpartition("\n=== ")[2].splitlines()
                if ": left out." in line
            ]
        rows = [f"{row['label']} {row['median']:.1f} ms" for row in answer["rows"]]
        note = (
            "; ".join(
                [
                    *rows,
                    *left_out,
                    *([why] if why and not left_out else []),
                    *([f"with {env['XLA_FLAGS']}"] if env else []),
                ]
            )
            or "no answer"
        )
        return {
            "ok": status == 0 and bool(rows),
            "note": f"config {config}: {note}",
            **answer,
            "leftOut": left_out,
        }

    def train(self):
        folder = os.path.join(self.host.home, "run")
        going = os.path.exists(os.path.join(folder, "checkpoint.safetensors"))
        preset = (
            ["--preset", "smoke", "--steps", "70"]
            if self.tiny
            else ["--preset", "gpu" if self.gpu else "smoke"]
        )
        if not going:
            # Of a run that was killed before its first checkpoint.
            shutil.rmtree(folder, ignore_errors=True)
        started = time.time()
        status, out, why = self.js(
            "train",
            "dist/cli/train.js",
            [*(["--resume", folder] if going else [*preset, "--out", folder]), "--quiet"],
            self.limit(),
        )
        records = []
        try:
            with open(os.path.join(folder, "log.jsonl")) as file:
                for line in file:
                    try:
                        records.append(json.loads(line))
                    except ValueError:
                        pass
        except OSError:
            pass
        evaluated = [record for record in records if "val" in record]
        steps = max((record.get("step", 0) for record in records), default=0)
        result = {
            "ok": status == 0,
            "preset": preset[1],
            "seconds": round(time.time() - started, 1),
            "step": steps,
            "tail": out[-1500:],
        }
        if evaluated:
            result["val"], result["atStep"] = evaluated[-1]["val"], evaluated[-1]["step"]
        result["note"] = (
            f"preset {preset[1]}: step {steps}, val loss {result.get('val')}, {result['seconds']} s"
            + ("" if status == 0 else f"; not finished, run again to go on. {why}")
        )
        return result


WORK = {
    "bench-fp32": lambda runner: runner.bench(
        "cuda,cuda-compiled,fp32,compile-fp32", "native,compiled,sdpa"
    ),
    "bench-tf32": lambda runner: runner.bench("cuda-compiled-tf32,tf32,compile-tf32", ""),
    "bench-bf16": lambda runner: runner.bench("bf16,compile-bf16", ""),
}

TORCH_MATMUL = """
import json, sys, time, torch
gpu = torch.cuda.is_available(); device = "cuda" if gpu else "cpu"; found = {}
for name in ("fp32", "tf32", "bf16") if gpu else ("fp32",):
    torch.backends.cuda.matmul.allow_tf32 = name == "tf32"; found[name] = []
    for n in map(int, sys.argv[1].split(",")):
        dtype = torch.bfloat16 if name == "bf16" else torch.float32
        a, b = (torch.randn(n, n, device=device, dtype=dtype) for _ in "ab")
        times = max(1, min(50, round((4e12 if gpu else 2e9) / (2 * n**3)))); best = 1e9
        for _ in range(4):
            started = time.perf_counter()
            for _ in range(times): c = a @ b
            c[0, 0].item(); best = min(best, (time.perf_counter() - started) / times)
        found[name].append(2 * n**3 / best / 1e12)
print(json.dumps(found))
"""


def report(host, out):
    """report.txt, report.json and logs.txt, in --home and in --out; returns the text."""
    parts, manifest = host.state["parts"], host.manifest
    device, driver = parts.get("device", {}), host.state.get("driver") or {}
    gpu = device.get("gpu") or (
        f"{driver['name']}, CUDA {driver.get('cuda')}" if driver.get("name") else "none"
    )
    lines = [
        f"llm-from-scratch-ts, commit {manifest['commit']}, "
        f"{time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC",
        f"GPU: {gpu} · {device.get('description', '')} · PyTorch {device.get('torch') or 'none'}",
    ]
    for name, result in parts.items():
        state = "ok" if result.get("ok") else "FAILED" if result.get("done") else "not finished"
        lines.append(f"{name:10} {state}: {result.get('note') or result.get('description', '')}")
    text = "\n".join(lines)
    host.write("report.txt", text + "\n")
    about = {key: manifest.get(key) for key in ("commit", "arch", "node")}
    host.write("report.json", json.dumps({**about, "driver": driver, "parts": parts}, indent=1))
    folder, logs = os.path.join(host.home, "logs"), []
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        with open(os.path.join(folder, name), errors="replace") as file:
            log = file.read()
        logs.append(
            f"##### {name}\n"
            + (
                log
                if len(log) < LOG_LIMIT
                else f"{log[: LOG_LIMIT // 2]}\n[…]\n{log[-LOG_LIMIT // 2 :]}"
            )
        )
    host.write("logs.txt", "\n".join(logs)[:LOGS_LIMIT])
    if out:
        os.makedirs(out, exist_ok=True)
        for name in ("report.txt", "report.json", "logs.txt"):
            shutil.copyfile(os.path.join(host.home, name), os.path.join(out, name))
    return text


def run(host, options, env):
    state = host.state
    if options.again:
        state["parts"] = {}
        for folder in ("run", "logs"):
            shutil.rmtree(os.path.join(host.home, folder), ignore_errors=True)
    runner = Runner(host, options, env)
    parts = options.parts.split(",")
    if not state["parts"].get("device") and "device" not in parts:
        # It tells the others whether there is a GPU.
        parts.insert(parts.index("probe") + 1 if "probe" in parts else 0, "device")
    for part in parts:
        if state["parts"].get(part, {}).get("done"):
            say(f"{part}: done before")
            continue
        if runner.end - time.time() < 20:
            say(f"{part}: no time left; run again to go on")
            break
        runner.begin(part)
        try:
            result = WORK[part](runner) if part in WORK else getattr(runner, part)()
        except Exception as error:  # one part's failure must not cost the others
            result = {"ok": False, "note": f"{type(error).__name__}: {error}"}
        result["minutes"] = round((time.time() - runner.started) / 60, 2)
        # A measurement that failed by itself would fail again (--again tries); what ran out of time
        # goes on next time.
        result["done"] = bool(result["ok"]) or (part in MEASURED and not runner.late)
        state["parts"][part] = result
        host.save()
        runner.learn()
        report(host, options.out)
        say(
            f"{part}: {'ok' if result['ok'] else 'stopped' if runner.late else 'FAILED'} after "
            f"{time.time() - runner.started:.0f} s. "
            f"{result.get('note') or result.get('description', '')}"
        )
    say(
        f"\n{report(host, options.out)}\n\nreport.txt, report.json and logs.txt are in "
        f"{options.out or host.home}"
    )
    return 0 if all(result.get("ok") for result in state["parts"].values()) else 1
