"""The first part of `gpu.py run`: in about a minute, what works of what is needed, from the bottom
up, so that whoever has half an hour on a GPU host knows at once which library, file or flag is at
fault. Each step runs in a process of its own.

    libraries   every library of the bundle is opened, by name
    modules     the driver loads kernels out of each CUDA library: what `npm run gpu:pack` has
                zeroed must not be missing
    ptxas       XLA's assembler translates a kernel for this GPU, and the kernel computes
    engine      TensorFlow finds the GPU and multiplies matrices; its own words at log level 0 are
                in logs/
    compiled    a compiled function; if it fails, again with XLA's flags that avoid what may be at
                fault

    python3 probe.py libraries|modules|kernel APP   one of the first three, by hand
"""

import ctypes
import glob
import json
import mmap
import os
import re
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MAGIC = 0xBA55ED50
SAMPLES = 8  # containers of a library that are loaded
TOLERANCE = 1e-3  # sums of 96 in 32 bits; TF32 is off

# Tried one after another until a compiled function works. The first is what XLA does by itself.
FLAGS = [
    "",
    "--xla_gpu_enable_command_buffer=",
    "--xla_gpu_enable_triton_gemm=false",
    "--xla_gpu_autotune_level=0",
    "--xla_gpu_unsafe_fallback_to_driver_on_ptxas_not_found=true",
    # All of them.
    (
        "--xla_gpu_enable_command_buffer= --xla_gpu_enable_triton_gemm=false "
        "--xla_gpu_autotune_level=0 --xla_gpu_unsafe_fallback_to_driver_on_ptxas_not_found=true"
    ),
]
TELLING = re.compile(
    r"^[EWF]\d{4}|Created device|Loaded cuDNN|dlopen|Could not load|cannot "
    r"open|ptxas|libdevice|CUDA_ERROR|NVML|XLA service",
    re.I,
)

PTX = """.version 7.8
.target sm_{arch}
.address_size 64
.visible .entry add(.param .u64 p) {{
  .reg .b64 %d<3>; .reg .b32 %r<3>;
  ld.param.u64 %d1, [p]; cvta.to.global.u64 %d2, %d1;
  ld.global.u32 %r1, [%d2]; add.u32 %r2, %r1, 2; st.global.u32 [%d2], %r2;
  ret;
}}
"""


def shared_libraries(app):
    folder = os.path.join(app, "native", "cuda")
    names = glob.glob(os.path.join(folder, "nvidia", "*", "lib", "*.so*"))
    names += glob.glob(os.path.join(folder, "lib", "*.so.2"))  # the addon opens in Node only
    return sorted(path for path in names if not os.path.islink(path))


def open_libraries(app):
    """One line for each: a library that crashes is the one after the last line."""
    for path in shared_libraries(app):
        try:
            ctypes.CDLL(path)
            print(json.dumps({"library": os.path.basename(path), "error": None}), flush=True)
        except OSError as error:
            print(json.dumps({"library": os.path.basename(path), "error": str(error)}), flush=True)


class Driver:
    """The few calls of the driver's interface that are needed."""

    def __init__(self):
        self.cuda = ctypes.CDLL("libcuda.so.1")
        number, context = ctypes.c_int(), ctypes.c_void_p()
        self("cuInit", 0)
        self("cuDeviceGetAttribute", ctypes.byref(number), 75, 0)
        self.arch = 10 * number.value
        self("cuDeviceGetAttribute", ctypes.byref(number), 76, 0)
        self.arch += number.value
        self("cuDevicePrimaryCtxRetain", ctypes.byref(context), 0)
        self("cuCtxSetCurrent", context)

    def __call__(self, name, *args):
        status = getattr(self.cuda, name)(*args)
        if status:
            text = ctypes.c_char_p()
            self.cuda.cuGetErrorName(status, ctypes.byref(text))
            raise OSError(f"{name}: {(text.value or b'?').decode()} ({status})")

    def load(self, image):
        module = ctypes.c_void_p()
        self("cuModuleLoadData", ctypes.byref(module), image)
        return module


def containers(data):
    """(offset, end, [(kind, arch)]) of each fat binary in a library; as in fatbin.mjs."""
    if data[:4] != b"\x7fELF":
        return
    table, (size, count, names) = (
        struct.unpack_from("<Q", data, 0x28)[0],
        struct.unpack_from("<3H", data, 0x3A),
    )
    header = lambda i, offset, kind="<Q": struct.unpack_from(kind, data, table + i * size + offset)[
        0
    ]
    text = header(names, 0x18)
    for i in range(count):
        start = text + header(i, 0, "<I")
        if data[start : data.find(b"\0", start)] != b".nv_fatbin":
            continue
        at, end = header(i, 0x18), header(i, 0x18) + header(i, 0x20)
        while at + 16 <= end:
            magic, _, head, length = struct.unpack_from("<IHHQ", data, at)
            if magic != MAGIC:
                at += 8
                continue
            entries, entry, stop = [], at + head, at + head + length
            while entry < stop:
                kind, _, own, body = struct.unpack_from("<HHIQ", data, entry)
                entries.append((kind, struct.unpack_from("<I", data, entry + 28)[0]))
                entry += own + body
            yield at, stop, entries
            at = stop


def load_modules(app):
    driver = Driver()
    for path in shared_libraries(app):
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            mine = [
                (at, end)
                for at, end, entries in containers(data)
                if any(
                    kind == 2 and arch // 10 == driver.arch // 10 and arch <= driver.arch
                    for kind, arch in entries
                )
            ]
            if not mine:
                continue
            chosen = mine[:: max(1, len(mine) // SAMPLES)][:SAMPLES]
            errors = []
            for at, end in chosen:
                try:
                    driver(
                        "cuModuleUnload",
                        driver.load(ctypes.create_string_buffer(data[at:end], end - at)),
                    )
                except OSError as error:
                    errors.append(str(error))
        print(
            json.dumps(
                {
                    "library": os.path.basename(path),
                    "loaded": len(chosen) - len(errors),
                    "of": len(chosen),
                    "containers": len(mine),
                    "error": errors[0] if errors else None,
                }
            ),
            flush=True,
        )


def run_kernel(app):
    """XLA's way: PTX, ptxas, machine code, a launch."""
    tools = os.path.join(app, "native", "cuda", "nvidia", "cuda_nvcc")
    if not os.path.exists(os.path.join(tools, "nvvm", "libdevice", "libdevice.10.bc")):
        sys.exit("libdevice.10.bc is missing")
    driver = Driver()
    source, target = (
        os.path.join(os.environ.get("TMPDIR", "/tmp"), f"llm-probe-{os.getpid()}.{end}")
        for end in ("ptx", "cubin")
    )
    try:
        with open(source, "w") as file:
            file.write(PTX.format(arch=driver.arch))
        done = subprocess.run(
            [os.path.join(tools, "bin", "ptxas"), f"-arch=sm_{driver.arch}", source, "-o", target],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            universal_newlines=True,
        )
        if done.returncode:
            sys.exit(f"ptxas ended with {done.returncode}: {done.stdout.strip()[-300:]}")
        with open(target, "rb") as file:
            module = driver.load(file.read())
    finally:
        for path in (source, target):
            if os.path.exists(path):
                os.remove(path)
    function, memory, number = ctypes.c_void_p(), ctypes.c_uint64(), ctypes.c_int32(40)
    driver("cuModuleGetFunction", ctypes.byref(function), module, b"add")
    driver("cuMemAlloc_v2", ctypes.byref(memory), ctypes.c_size_t(4))
    driver("cuMemcpyHtoD_v2", memory, ctypes.byref(number), ctypes.c_size_t(4))
    arguments = (ctypes.c_void_p * 1)(ctypes.cast(ctypes.byref(memory), ctypes.c_void_p))
    driver("cuLaunchKernel", function, 1, 1, 1, 1, 1, 1, 0, None, arguments, None)
    driver("cuCtxSynchronize")
    driver("cuMemcpyDtoH_v2", ctypes.byref(number), memory, ctypes.c_size_t(4))
    if number.value != 42:
        sys.exit(f"a kernel ran, and 40 + 2 is {number.value}")


def probe(runner):
    """The part of run.py. `note` has the first thing that does not work."""
    app, found, wrong = runner.host.app, {}, []

    def own(step, limit):
        status, out, why = runner.command(
            step, [sys.executable, os.path.join(HERE, "probe.py"), step, app], limit
        )
        rows = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
        wrong.extend(f"{row['library']}: {row['error']}" for row in rows if row["error"])
        if status:
            wrong.append(f"{step}: {why}")
        return rows

    def engine(name, limit, flags=""):
        env = {
            "TF_CPP_MIN_LOG_LEVEL": "0",
            "LLM_NATIVE_LOG": "1",
            **({"XLA_FLAGS": flags} if flags else {}),
        }
        status, out, why = runner.command(
            name, [runner.node, os.path.join(HERE, "probe.cjs"), name], limit, env
        )
        answer = next(
            (json.loads(line) for line in reversed(out.splitlines()) if line.startswith("{")),
            {"error": why},
        )
        if "error" not in answer and not answer["difference"] < TOLERANCE:
            answer["error"] = f"wrong numbers: they differ by {answer['difference']}"
        return answer

    found["libraries"] = own("libraries", 30)
    wanted = runner.env.get("CUDA_VISIBLE_DEVICES") != "-1"
    if wanted:
        found["modules"] = own("modules", 30)
        own("kernel", 20)
    found["engine"] = engine("engine", 60)
    if "error" in found["engine"]:
        wrong.append(f"engine: {found['engine']['error']}")
    elif wanted and found["engine"]["engine"] != "cuda":
        wrong.append(f"engine: {found['engine']['reasons'][0]}")
    with open(os.path.join(runner.logs, "probe-engine.log"), errors="replace") as file:
        found["said"] = [line.strip()[:300] for line in file if TELLING.search(line)][:30]
    for flags in FLAGS:
        answer = engine("compiled", 60, flags)
        found.setdefault("compiled", []).append({"flags": flags, **answer})
        if "error" not in answer:
            found["xlaFlags"] = flags
            break
        wrong.append(f"compiled{' with ' + flags if flags else ''}: {answer['error']}")
    loaded = sum(row["loaded"] for row in found.get("modules", []))
    works = (
        f"{len(found['libraries'])} libraries open, {loaded} modules load, the engine is "
        f"{found['engine'].get('engine')}"
    )
    ok = not wrong or ("xlaFlags" in found and all(text.startswith("compiled") for text in wrong))
    note = (
        works + (f"; compiled with {found['xlaFlags']}" if found.get("xlaFlags") else "")
        if ok
        else "; ".join(wrong[:4])
    )
    return {"ok": ok, "note": note, "wrong": wrong, **found}


if __name__ == "__main__":
    {"libraries": open_libraries, "modules": load_modules, "kernel": run_kernel}[sys.argv[1]](
        sys.argv[2]
    )
