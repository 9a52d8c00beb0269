#!/usr/bin/env python3
"""Brings the course to a GPU host: x86-64 Linux with an NVIDIA driver, Python 3.8 or newer, nothing
else.

    python3 gpu.py unpack --collect FOLDER   takes the pieces that have arrived in FOLDER, says
                                             which are missing
    python3 gpu.py run [--minutes 25]        checks and measures; goes on where it was stopped;
                                             writes report.txt/.json
    python3 gpu.py                           both, with the pieces that lie beside this file

Made by `npm run gpu:pack` (docs/gpu.md). Everything is kept in one folder, --home (default
~/.llm-gpu). --torch PYTHON names a Python that has PyTorch, the peer in the benchmark (default:
this one). --driver FOLDER says where libcuda.so.1 is, if it is not found by itself.

--out FOLDER gets report.txt, report.json and logs.txt too; --parts probe,device,check,… chooses;
--again forgets what has been done; --tiny is a rehearsal, --cpu one without a GPU; --anyway goes on
where the host is said to be unfit.

Exit code 0: done · 1: a part failed · 2: pieces are missing · 3: this host cannot run it, with a
sentence why. What `run` does is in run.py and probe.py, which arrive with the project.
"""

import argparse
import ctypes
import fcntl
import glob
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import time

try:
    import lzma
except ImportError:  # a Python built without it
    sys.exit(
        "gpu.py: this Python has no module lzma, which unpacks the pieces. Use another one, "
        "for example /usr/bin/python3"
    )

HERE = os.path.dirname(os.path.abspath(__file__))
DRIVERS = [
    "/usr/local/nvidia/lib64",
    "/usr/local/nvidia/lib",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib64",
    "/usr/lib/wsl/lib",
    "/run/opengl-driver/lib",
]
PARTS = ["probe", "device", "check", "matmul", "bench-fp32", "bench-tf32", "bench-bf16", "train"]
FREE_GB = 4  # of the GPU's memory: the training step of the benchmark takes about 3


def say(text):
    print(text, flush=True)


def digest(path):
    total = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            total.update(block)
    return total.hexdigest()


def read_json(path, otherwise):
    try:
        with open(path) as file:
            return json.load(file)
    except (OSError, ValueError):
        return otherwise


STATE = "state.json"


class Unfit(Exception):
    """One sentence: why this host cannot run it."""


class Host:
    """The folder on the GPU host and what is done in it."""

    def __init__(self, home):
        self.home = os.path.abspath(os.path.expanduser(home))
        self.pieces = os.path.join(self.home, "pieces")
        self.app = os.path.join(self.home, "app")
        try:
            os.makedirs(self.pieces, exist_ok=True)
            self.lock = open(os.path.join(self.home, "lock"), "w")
        except OSError as error:
            raise Unfit(
                f"{self.home} cannot be written to ({error.strerror}): --home chooses another "
                "folder"
            )
        try:
            # The system lets go of it when this process ends, however that happens.
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unfit(f"another gpu.py is at work in {self.home}: wait for it, or end it")
        self.state = read_json(os.path.join(self.home, STATE), {"unpacked": {}, "parts": {}})

    def write(self, name, text):
        """A file of this folder: whole or not at all."""
        path = os.path.join(self.home, name)
        with open(path + ".part", "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(path + ".part", path)

    def save(self):
        self.write(STATE, json.dumps(self.state, indent=1))

    @property
    def manifest(self):
        return read_json(os.path.join(self.home, "manifest.json"), None)

    def collect(self, folder):
        """Takes whole pieces out of a folder (searched with its subfolders). Damaged ones are named
        and left.
        """
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
                self.write("manifest.json", json.dumps(fresh, indent=1))
        manifest = self.manifest
        if not manifest:
            say("manifest.json has not arrived yet: send it with the first pieces")
            return False
        for group in manifest["groups"]:
            for piece in group["pieces"]:
                kept = os.path.join(self.pieces, piece["file"])
                if piece["file"] not in arrived or self.has(piece):
                    continue
                source = arrived[piece["file"]]
                if digest(source) != piece["sha256"]:
                    say(
                        f"{piece['file']} arrived damaged ({os.path.getsize(source)} of "
                        f"{piece['bytes']} bytes): send it again"
                    )
                    continue
                shutil.copyfile(source, kept + ".part")
                os.replace(kept + ".part", kept)
        return True

    def has(self, piece):
        path = os.path.join(self.pieces, piece["file"])
        return (
            os.path.exists(path)
            and os.path.getsize(path) == piece["bytes"]
            and digest(path) == piece["sha256"]
        )

    def unpack(self):
        """Unpacks every group whose pieces are all there. Returns the names of the pieces that are
        missing.
        """
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
                raise Unfit(
                    f"the disk is too full: {group['name']} needs {group['unpacked'] / 1e9:.1f} "
                    f"GB, {free / 1e9:.1f} GB are free (--home chooses another place)"
                )
            started = time.time()
            os.makedirs(self.app, exist_ok=True)
            try:
                self.extract(group)
            except (OSError, lzma.LZMAError, tarfile.TarError, EOFError) as error:
                raise Unfit(
                    f"{group['name']} could not be unpacked: {error}. Run it again; if that "
                    "does not help, send its pieces again"
                )
            self.state["unpacked"][group["name"]] = group["sha256"]
            self.state["parts"] = {}
            self.save()
            say(
                f"{group['name']}: {group['unpacked'] / 1e6:.0f} MB unpacked in "
                f"{time.time() - started:.0f} s"
            )
        return missing

    def extract(self, group):
        paths = [os.path.join(self.pieces, piece["file"]) for piece in group["pieces"]]
        with Joined(paths) as joined, lzma.open(joined) as plain, tarfile.open(
            fileobj=plain, mode="r|"
        ) as archive:
            if hasattr(tarfile, "tar_filter"):
                archive.extraction_filter = tarfile.tar_filter  # what all Pythons did before 3.14
            for member in archive:
                if member.name.startswith("/") or ".." in member.name.split("/"):
                    raise Unfit(f"{group['name']} holds a path outside its folder: {member.name}")
                target = os.path.join(self.app, member.name)
                if not member.isdir() and os.path.lexists(target):
                    os.remove(target)  # from an unpacking that was stopped, or an older bundle
                archive.extract(member, self.app)


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
    """Where libcuda.so.1 is, if the loader does not know by itself. Nothing else may be on the
    path: a CUDA 13 cudnn has the same name as ours."""
    try:
        ctypes.CDLL("libcuda.so.1")
        folders = [
            p
            for p in os.environ.get("LD_LIBRARY_PATH", "").split(":")
            if p and glob.glob(os.path.join(p, "libcuda.so*"))
        ]
        return [p for p in folders if not glob.glob(os.path.join(p, "libcudnn.so*"))]
    except OSError:
        return [p for p in DRIVERS if os.path.exists(os.path.join(p, "libcuda.so.1"))][:1]


def driver_environment(driver=None):
    """This process's environment with nothing of other CUDA libraries in it."""
    env = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
    folders = [os.path.abspath(driver)] if driver else driver_folders()
    return {**env, "LD_LIBRARY_PATH": ":".join(folders)} if folders else env


def ask_driver():
    """The driver about its first GPU; runs in a process of its own, because a driver may crash or
    hang.
    """
    found = {"error": None}
    try:
        cuda = ctypes.CDLL("libcuda.so.1")
    except OSError as error:
        return {"error": f"no NVIDIA driver is here ({error})"}
    name, number = ctypes.create_string_buffer(100), ctypes.c_int()

    def call(function, *args):
        status = getattr(cuda, function)(*args)
        if status:
            text = ctypes.c_char_p()
            cuda.cuGetErrorName(status, ctypes.byref(text))
            raise OSError(
                f"the NVIDIA driver answers {(text.value or b'?').decode()} ({status}) to "
                f"{function}"
            )

    def attribute(which):
        call("cuDeviceGetAttribute", ctypes.byref(number), which, 0)
        return number.value

    try:
        cuda.cuDriverGetVersion(ctypes.byref(number))
        found["cuda"] = number.value  # 13000: what the driver can, also where it cannot start
        call("cuInit", 0)
        call("cuDeviceGetCount", ctypes.byref(number))
        found["count"] = number.value
        if number.value:
            call("cuDeviceGetName", name, 100, 0)
            found.update(
                name=name.value.decode(),
                arch=10 * attribute(75) + attribute(76),
                mode=attribute(20),
            )
            context, free, total = ctypes.c_void_p(), ctypes.c_size_t(), ctypes.c_size_t()
            call("cuDevicePrimaryCtxRetain", ctypes.byref(context), 0)
            call("cuCtxSetCurrent", context)
            call("cuMemGetInfo_v2", ctypes.byref(free), ctypes.byref(total))
            found.update(freeGB=free.value / 1e9, totalGB=total.value / 1e9)
    except (OSError, AttributeError) as error:
        found["error"] = str(error)
    try:
        # TensorFlow silently sees no GPU without it.
        found["nvml"] = ctypes.CDLL("libnvidia-ml.so.1").nvmlInit_v2()
    except (OSError, AttributeError) as error:
        found["nvml"] = str(error)
    return found


def driver_answer(env):
    """ask_driver's answer, or why there is none."""
    try:
        done = subprocess.run(
            [sys.executable, os.path.abspath(__file__), "ask"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
            timeout=60,
            universal_newlines=True,
        )
    except subprocess.TimeoutExpired:
        return {"error": "the NVIDIA driver does not answer within a minute"}
    return last_json(done.stdout) or {
        "error": f"asking the NVIDIA driver ended with {done.returncode}: "
        f"{done.stderr.strip()[-300:]}"
    }


def last_json(text):
    for line in reversed(text.strip().splitlines()):
        if line.startswith("{"):
            try:
                return json.loads(line)
            except ValueError:
                return None
    return None


def unfit_machine(host):
    """Why no bundle runs on this machine, as one sentence; None if it can."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return f"it needs x86-64 Linux, and this is {platform.system()} {platform.machine()}"
    try:
        glibc = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):
        glibc = ""
    if not glibc.startswith("glibc "):
        return "it needs the C library glibc, and this system has another one (musl?)"
    if tuple(map(int, glibc[6:].split(".")[:2])) < (2, 28):
        return f"it needs glibc 2.28 or newer (Node's requirement), and this is {glibc[6:]}"
    if os.statvfs(host.home).f_flag & getattr(os, "ST_NOEXEC", 8):
        return (
            f"programs may not run in {host.home} (mounted noexec): --home chooses another folder"
        )
    manifest = host.manifest
    left = (
        sum(
            group["unpacked"]
            for group in manifest["groups"]
            if host.state["unpacked"].get(group["name"]) != group["sha256"]
        )
        if manifest
        else 0
    )
    free = shutil.disk_usage(host.home).free
    if free < left * 1.05:
        return (
            f"the disk is too full: unpacked it needs {left / 1e9:.1f} GB more, and "
            f"{free / 1e9:.1f} GB are free in {host.home} (--home chooses another place)"
        )
    return None


def unfit_gpu(answer, arch):
    """Why the bundle's CUDA libraries cannot use this GPU, as one sentence; None if they can."""
    if answer["error"] and not answer.get("cuda"):
        return answer["error"]
    if answer.get("cuda", 12000) < 12000:
        return (
            "the NVIDIA driver is too old: it can CUDA "
            f"{answer['cuda'] // 1000}.{answer['cuda'] % 1000 // 10}, and CUDA 12 is needed "
            "(driver 525.60 or newer)"
        )
    if answer["error"]:
        return answer["error"]
    if not answer.get("count"):
        return "the NVIDIA driver sees no GPU" + (
            " (CUDA_VISIBLE_DEVICES is set)" if "CUDA_VISIBLE_DEVICES" in os.environ else ""
        )
    if answer["nvml"] != 0:
        return (
            f"the driver's library libnvidia-ml.so.1 does not work ({answer['nvml']}), and "
            "TensorFlow sees no GPU without it (in a container: "
            "NVIDIA_DRIVER_CAPABILITIES=compute,utility)"
        )
    if arch and not any(a // 10 == answer["arch"] // 10 and a <= answer["arch"] for a in arch):
        return (
            f"the bundle is for compute capability {', '.join(f'{a / 10}' for a in arch)}, and "
            f"this {answer['name']} has {answer['arch'] / 10}: npm run gpu:pack -- --arch "
            f"{answer['arch']}"
        )
    if answer["mode"] in (2, 3):
        return (
            "the GPU is in the mode "
            f"'{'prohibited' if answer['mode'] == 2 else 'exclusive process'}', and several "
            "processes use it here: nvidia-smi -c 0 changes that"
        )
    if answer["freeGB"] < FREE_GB:
        return (
            f"only {answer['freeGB']:.1f} of {answer['totalGB']:.0f} GB of the GPU's memory are "
            f"free, {FREE_GB} are needed: nvidia-smi shows who has the rest"
        )
    return None


def check_host(host, options):
    """Raises Unfit; better before the first piece than after the last."""
    why = unfit_machine(host)
    if not why and not options.cpu and (host.manifest or {}).get("arch") != []:
        answer = driver_answer(driver_environment(options.driver))
        host.state["driver"] = answer
        why = unfit_gpu(answer, (host.manifest or {}).get("arch"))
    if why and not options.anyway:
        raise Unfit(why)
    if why:
        say(f"although {why}: going on")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", nargs="?", choices=["unpack", "run", "all", "ask"], default="all")
    parser.add_argument("--collect", metavar="FOLDER", action="append", default=[])
    parser.add_argument("--home", default="~/.llm-gpu")
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--torch", default=sys.executable)
    for name in ("driver", "out"):
        parser.add_argument(f"--{name}", metavar="FOLDER")
    for name in ("again", "tiny", "cpu", "anyway"):
        parser.add_argument(f"--{name}", action="store_true")
    options = parser.parse_args()
    if options.action == "ask":
        print(json.dumps(ask_driver()))
        return 0
    for part in options.parts.split(","):
        if part not in PARTS:
            parser.error(f"--parts: {part} is none of {', '.join(PARTS)}")
    host = Host(options.home)
    known = (
        [host.collect(folder) for folder in options.collect or [HERE]]
        if options.action != "run"
        else [True]
    )
    check_host(host, options)
    if not any(known):
        return 2
    if options.action != "run":
        missing = host.unpack()
        if missing:
            say(f"missing: {len(missing)} pieces: {' '.join(missing)}")
            return 2
        say("everything is unpacked" + ("" if options.action == "all" else ": python3 gpu.py run"))
    if options.action == "unpack":
        return 0
    if not {"project", "tensorflow"} <= set(host.state["unpacked"]):
        say("not unpacked yet: python3 gpu.py unpack --collect FOLDER")
        return 2
    sys.path.insert(0, os.path.join(host.app, "gpu"))
    import run  # came with the project

    return run.run(host, options, driver_environment(options.driver))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unfit as error:
        say(f"gpu.py: {error}")
        sys.exit(3)
