#!/usr/bin/env python3
"""Unpacks and runs the course on a GPU host: x86-64 Linux with an NVIDIA driver, Python 3.8 or newer, nothing else.

    python3 gpu.py unpack --collect FOLDER   takes the pieces that have arrived in FOLDER, says which are missing
    python3 gpu.py run [--minutes 25]        checks and measures; goes on where it was stopped; writes report.txt/.json
    python3 gpu.py                           both, with the pieces that lie beside this file

Made by `npm run gpu:pack` (docs/gpu.md). Everything is kept in one folder, --home (default ~/.llm-gpu).
--torch PYTHON names a Python that has PyTorch, the peer in the benchmark (default: this one).
--parts device,check,matmul,bench,train chooses; --again forgets what has been done; --tiny is a rehearsal.
"""

import argparse
import ctypes
import glob
import hashlib
import json
import lzma
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# Of the whole time, the part of the run may take at most so many minutes; what is not used is left for those after it.
BUDGET = {"device": 2, "check": 5, "matmul": 4, "bench": 10, "train": 25}
DRIVERS = ["/usr/local/nvidia/lib64", "/usr/local/nvidia/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib/wsl/lib"]


def say(text):
    print(text, flush=True)


def digest(path):
    total = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            total.update(block)
    return total.hexdigest()


def write(path, text):
    """Whole or not at all."""
    with open(path + ".part", "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".part", path)


def read_json(path, otherwise):
    try:
        with open(path) as file:
            return json.load(file)
    except (OSError, ValueError):
        return otherwise


class Host:
    """The folder on the GPU host and what is done in it."""

    def __init__(self, home):
        self.home = os.path.abspath(os.path.expanduser(home))
        self.pieces = os.path.join(self.home, "pieces")
        self.app = os.path.join(self.home, "app")
        os.makedirs(self.pieces, exist_ok=True)
        self.state_file = os.path.join(self.home, "state.json")
        self.state = read_json(self.state_file, {"unpacked": {}, "parts": {}})

    def save(self):
        write(self.state_file, json.dumps(self.state, indent=1))

    @property
    def manifest(self):
        return read_json(os.path.join(self.home, "manifest.json"), None)

    def collect(self, folder):
        """Takes whole pieces out of a folder (searched with its subfolders). Damaged ones are named and left."""
        arrived = {}
        for base, _, files in os.walk(folder):
            for name in files:
                if name == "manifest.json" or name.endswith(".piece"):
                    arrived.setdefault(name, os.path.join(base, name))
        if "manifest.json" in arrived:
            fresh = read_json(arrived["manifest.json"], None)
            if not fresh or fresh.get("format") != 1:
                say("manifest.json is damaged or of another version: send it again")
            elif fresh != self.manifest:
                write(os.path.join(self.home, "manifest.json"), json.dumps(fresh, indent=1))
        manifest = self.manifest
        if not manifest:
            say("manifest.json has not arrived yet: send it with the first pieces")
            return False
        for group in manifest["groups"]:
            for piece in group["pieces"]:
                kept = os.path.join(self.pieces, piece["file"])
                if self.has(piece) or piece["file"] not in arrived:
                    continue
                source = arrived[piece["file"]]
                if digest(source) != piece["sha256"]:
                    say(f"{piece['file']} arrived damaged ({os.path.getsize(source)} of {piece['bytes']} bytes): send it again")
                    continue
                shutil.copyfile(source, kept + ".part")
                os.replace(kept + ".part", kept)
        return True

    def has(self, piece):
        path = os.path.join(self.pieces, piece["file"])
        return os.path.exists(path) and os.path.getsize(path) == piece["bytes"] and digest(path) == piece["sha256"]

    def unpack(self):
        """Unpacks every group whose pieces are all there. Returns the names of the pieces that are missing."""
        missing = []
        for group in self.manifest["groups"]:
            if self.state["unpacked"].get(group["name"]) == group["sha256"]:
                continue
            lacking = [piece["file"] for piece in group["pieces"] if not self.has(piece)]
            missing += lacking
            if lacking:
                continue
            free = shutil.disk_usage(self.home).free
            if free < group["unpacked"] * 1.05:
                sys.exit(f"the disk is too full: {group['name']} needs {group['unpacked'] / 1e9:.1f} GB, {free / 1e9:.1f} GB are free (--home chooses another place)")
            started = time.time()
            os.makedirs(self.app, exist_ok=True)
            with Joined([os.path.join(self.pieces, piece["file"]) for piece in group["pieces"]]) as joined:
                with lzma.open(joined) as plain, tarfile.open(fileobj=plain, mode="r|") as archive:
                    for member in archive:
                        if member.name.startswith("/") or ".." in member.name.split("/"):
                            sys.exit(f"{group['name']} holds a path outside its folder: {member.name}")
                        target = os.path.join(self.app, member.name)
                        if not member.isdir() and os.path.lexists(target):
                            os.remove(target)
                        archive.extract(member, self.app)
            self.state["unpacked"][group["name"]] = group["sha256"]
            self.state["parts"] = {}
            self.save()
            say(f"{group['name']}: {group['unpacked'] / 1e6:.0f} MB unpacked in {time.time() - started:.0f} s")
        return missing


class Joined:
    """Several files, read as one."""

    def __init__(self, paths):
        self.paths = list(paths)
        self.file = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.file:
            self.file.close()

    def readable(self):
        return True

    def seekable(self):
        return False

    def read(self, size=-1):
        while self.paths or self.file:
            if not self.file:
                self.file = open(self.paths.pop(0), "rb")
            block = self.file.read(size)
            if block:
                return block
            self.file.close()
            self.file = None
        return b""


def driver_folders():
    """Where libcuda.so.1 is, if the loader does not know by itself. Nothing else may be on the path: a CUDA 13 cudnn has
    the same name as ours."""
    try:
        ctypes.CDLL("libcuda.so.1")
        folders = [p for p in os.environ.get("LD_LIBRARY_PATH", "").split(":") if p and glob.glob(os.path.join(p, "libcuda.so*"))]
        return [p for p in folders if not glob.glob(os.path.join(p, "libcudnn*"))]
    except OSError:
        return [p for p in DRIVERS if os.path.exists(os.path.join(p, "libcuda.so.1"))][:1]


class Runner:
    def __init__(self, host, torch, minutes, tiny):
        self.host, self.torch, self.tiny, self.late = host, torch, tiny, False
        self.end = time.time() + minutes * 60
        self.node = os.path.join(host.app, "bin", "node")
        self.env = {**os.environ, "LLM_TORCH_PYTHON": torch, "CUDA_CACHE_PATH": os.path.join(host.home, "cuda-cache"), "CUDA_CACHE_MAXSIZE": str(4 << 30)}
        for name in ("LLM_ENGINE", "LLM_TF32", "LLM_SIZE", "NODE_OPTIONS", "LD_LIBRARY_PATH"):
            self.env.pop(name, None)
        folders = driver_folders()
        if folders:
            self.env["LD_LIBRARY_PATH"] = ":".join(folders)
        self.gpu = host.state["parts"].get("device", {}).get("engine") == "cuda"

    def command(self, command, limit, env=None, quiet=True):
        """Runs a command within `limit` seconds, its descendants too. Returns (exit status, stdout, last of stderr)."""
        log = os.path.join(self.host.home, "last-stderr.log")
        with open(log, "w") as errors:
            child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=self.host.home, env={**self.env, **(env or {})}, start_new_session=True)
            try:
                out, _ = child.communicate(timeout=max(1, limit))
            except subprocess.TimeoutExpired:
                self.late = True
                os.killpg(child.pid, signal.SIGINT)  # the trainer finishes its step and saves
                try:
                    out, _ = child.communicate(timeout=20)
                except subprocess.TimeoutExpired:
                    os.killpg(child.pid, signal.SIGKILL)
                    out, _ = child.communicate()
                return 124, out or "", "stopped: out of time"
        with open(log, errors="replace") as file:
            tail = file.read()[-1500:].strip()
        return child.returncode, out, tail

    def js(self, script, args, limit, env=None):
        return self.command([self.node, os.path.join(self.host.app, "dist", "cli", script + ".js"), *args], limit, env)

    def limit(self, part):
        return min(BUDGET[part] * 60, self.end - time.time())

    def device(self):
        query = ["nvidia-smi", "--query-gpu=name,driver_version,compute_cap,memory.total", "--format=csv,noheader"]
        smi = self.command(query, 30)[1].strip() if shutil.which("nvidia-smi") else ""
        script = "require(process.argv[1]).useEngine({quiet:true}).then(({name,description,reasons})=>console.log(JSON.stringify({name,description,reasons})))"
        status, out, errors = self.command([self.node, "-e", script, os.path.join(self.host.app, "dist", "engine")], self.limit("device"))
        answer = last_json(out)
        if not answer:
            return {"ok": False, "note": f"the engine does not start: {errors}"}
        torch = "import torch;print(torch.__version__, '· GPU' if torch.cuda.is_available() else '· no GPU')"
        version = self.command([self.torch, "-c", torch], 60)
        self.gpu = answer["name"] == "cuda"
        result = {"ok": True, "gpu": smi or None, "engine": answer["name"], "description": answer["description"], "torch": version[1].strip() or None}
        if not self.gpu:
            result["note"] = answer["reasons"][0] + ": the CPU goes on" if answer["reasons"] else "no GPU"
            arch = self.host.manifest["arch"]
            if smi and arch and not any(str(a) == smi.split(",")[2].strip().replace(".", "") for a in arch):
                result["note"] += f"; the bundle is for compute capability {arch}"
        return result

    def check(self):
        results = {}
        for name, env in [("fp32", {}), *([("tf32", {"LLM_TF32": "1"})] if self.gpu else [])]:
            status, out, errors = self.js("selfcheck", ["--json"], self.limit("check") / 2, env)
            results[name] = last_json(out) or {"ok": False, "error": errors}
        bad = [f"{row['name']} ({row.get('error') or row['difference']})" for r in results.values() for row in r.get("rows", []) if not row["ok"]]
        checked = len(results["fp32"].get("rows", []))
        note = f"differ from plain JavaScript: {', '.join(bad)}" if bad else f"{checked} checks agree with plain JavaScript"
        return {"ok": all(r.get("ok") for r in results.values()), "note": note if checked else results["fp32"].get("error"), **results}

    def matmul(self):
        sizes = "128,256" if self.tiny else "1024,2048,4096,8192" if self.gpu else "512,1024"
        result = {"ok": True}
        modes = [("fp32", {}), *([("tf32", {"LLM_TF32": "1"})] if self.gpu else [])]
        for name, env in modes:
            status, out, errors = self.js("selfcheck", ["--matmul", "--json", "--sizes", sizes], self.limit("matmul") / 3, env)
            result[name] = last_json(out) or {"error": errors}
            result["ok"] &= status == 0
        status, out, errors = self.command([self.torch, "-c", TORCH_MATMUL, sizes], self.limit("matmul") / 3)
        result["torch"] = last_json(out) or {"error": errors}
        best = [f"{name} {max(row['tflops'] for row in result[name]['rows']):.3g}" for name, _ in modes if "rows" in result[name]]
        theirs = [f"{name} {max(rows):.3g}" for name, rows in result["torch"].items() if isinstance(rows, list)]
        result["note"] = f"TFLOP/s: {', '.join(best)}" + (f"; PyTorch {', '.join(theirs)}" if theirs else "")
        return result

    def bench(self):
        if self.gpu:
            names = "cuda,cuda-compiled,cuda-compiled-tf32,fp32,tf32,bf16,compile-fp32,compile-tf32,compile-bf16"
        else:
            names = "native,compiled,sdpa"
        config = "tiny" if self.tiny else "c" if self.gpu else "a"
        rounds = "1" if self.tiny else "5"
        status, out, errors = self.js("bench", ["--config", config, "--rounds", rounds, "--only", names, "--json"], self.limit("bench"))
        answer = last_json(out)
        if not answer:
            return {"ok": False, "note": errors}
        rows = "; ".join(f"{row['label']} {row['median']:.1f} ms" for row in answer["rows"])
        return {"ok": status == 0, "note": f"config {config}: {rows}" + ("" if status == 0 else f". {errors}"), **answer}

    def train(self):
        folder = os.path.join(self.host.home, "run")
        going = os.path.exists(os.path.join(folder, "checkpoint.safetensors"))
        preset = ["--preset", "smoke", "--steps", "70"] if self.tiny else ["--preset", "gpu" if self.gpu else "smoke"]
        args = ["--resume", folder] if going else [*preset, "--out", folder]
        started = time.time()
        status, out, errors = self.js("train", [*args, "--quiet"], self.limit("train"))
        records = []
        for line in open(os.path.join(folder, "log.jsonl")) if os.path.exists(os.path.join(folder, "log.jsonl")) else []:
            try:
                records.append(json.loads(line))
            except ValueError:
                pass
        evaluated = [record for record in records if "val" in record]
        steps = max((record.get("step", 0) for record in records), default=0)
        result = {"ok": status == 0, "preset": preset[1], "seconds": round(time.time() - started, 1), "step": steps, "tail": out[-1500:]}
        if evaluated:
            result["val"], result["atStep"] = evaluated[-1]["val"], evaluated[-1]["step"]
        result["note"] = f"preset {preset[1]}: step {steps}, val loss {result.get('val')}, {result['seconds']} s" + ("" if status == 0 else f"; not finished, run again to go on. {errors}")
        return result


TORCH_MATMUL = """
import json, sys, time, torch
gpu = torch.cuda.is_available(); device = "cuda" if gpu else "cpu"; found = {}
for name in ("fp32", "tf32", "bf16") if gpu else ("fp32",):
    torch.backends.cuda.matmul.allow_tf32 = name == "tf32"; found[name] = []
    for n in map(int, sys.argv[1].split(",")):
        a, b = (torch.randn(n, n, device=device, dtype=torch.bfloat16 if name == "bf16" else torch.float32) for _ in "ab")
        times = max(1, min(50, round((4e12 if gpu else 2e9) / (2 * n**3)))); best = 1e9
        for _ in range(4):
            started = time.perf_counter()
            for _ in range(times): c = a @ b
            c[0, 0].item(); best = min(best, (time.perf_counter() - started) / times)
        found[name].append(2 * n**3 / best / 1e12)
print(json.dumps(found))
"""


def last_json(text):
    for line in reversed(text.strip().splitlines()):
        if line.startswith("{"):
            try:
                return json.loads(line)
            except ValueError:
                return None
    return None


def report(host):
    parts = host.state["parts"]
    manifest = host.manifest
    device = parts.get("device", {})
    lines = [f"llm-from-scratch-ts, commit {manifest['commit']}, {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC", f"GPU: {device.get('gpu') or 'none'} · {device.get('description', '')} · PyTorch {device.get('torch') or 'none'}"]
    for name, result in parts.items():
        state = "ok" if result.get("ok") else "FAILED" if result.get("done") else "not finished"
        lines.append(f"{name:7} {state}: {result.get('note') or result.get('description', '')}")
    write(os.path.join(host.home, "report.txt"), "\n".join(lines) + "\n")
    write(os.path.join(host.home, "report.json"), json.dumps({"commit": manifest["commit"], "arch": manifest["arch"], "node": manifest["node"], "parts": parts}, indent=1))
    return "\n".join(lines)


def run(host, options):
    unpacked = host.state["unpacked"]
    if not {"project", "tensorflow"} <= set(unpacked):
        sys.exit("not unpacked yet: python3 gpu.py unpack --collect FOLDER")
    if options.again:
        host.state["parts"] = {}
        shutil.rmtree(os.path.join(host.home, "run"), ignore_errors=True)
    runner = Runner(host, options.torch, options.minutes, options.tiny)
    for part in options.parts.split(","):
        if host.state["parts"].get(part, {}).get("done"):
            say(f"{part}: done before")
            continue
        if runner.end - time.time() < 20:
            say(f"{part}: no time left; run again to go on")
            break
        started = time.time()
        runner.late = False
        try:
            result = getattr(runner, part)()
        except Exception as error:  # one part's failure must not cost the others
            result = {"ok": False, "note": f"{type(error).__name__}: {error}"}
        result["minutes"] = round((time.time() - started) / 60, 2)
        # A measurement that failed by itself would fail again (--again tries); what ran out of time goes on next time.
        result["done"] = bool(result["ok"]) or (part in ("check", "matmul", "bench") and not runner.late)
        host.state["parts"][part] = result
        host.save()
        report(host)
        say(f"{part}: {'ok' if result['ok'] else 'stopped' if runner.late else 'FAILED'} after {time.time() - started:.0f} s. {result.get('note') or result.get('description', '')}")
    say(f"\n{report(host)}\n\nreport.txt and report.json are in {host.home}")
    return 0 if all(result.get("ok") for result in host.state["parts"].values()) else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", nargs="?", choices=["unpack", "run", "all"], default="all")
    parser.add_argument("--collect", metavar="FOLDER", action="append", default=[])
    parser.add_argument("--home", default="~/.llm-gpu")
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--parts", default=",".join(BUDGET))
    parser.add_argument("--torch", default=sys.executable)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--tiny", action="store_true")
    options = parser.parse_args()
    for part in options.parts.split(","):
        if part not in BUDGET:
            parser.error(f"--parts: {part} is none of {', '.join(BUDGET)}")
    host = Host(options.home)
    if options.action != "run":
        known = [host.collect(folder) for folder in options.collect or [HERE]]
        if not any(known):
            return 2
        missing = host.unpack()
        if missing:
            say(f"missing: {len(missing)} pieces: {' '.join(missing)}")
            return 2
        say("everything is unpacked" + ("" if options.action == "all" else ": python3 gpu.py run"))
    if options.action != "unpack":
        return run(host, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
