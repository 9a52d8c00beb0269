"""Drives a real kernel for kernel.test.ts: reads steps as JSON from stdin, prints a line of JSON for each, and a last one about the kernel.

A step is {"cells": [{"code", "stop_on_error"?}], "interrupt": [seconds…]?, "touch": {path: text}?, "complete"?, "inspect"?}.
All cells of a step are sent at once, as "Run All" does; the next step begins when all have been answered.
"""
import json
import os
import sys
import threading
import time
from pathlib import Path

from jupyter_client.manager import KernelManager


def main():
    job = json.load(sys.stdin)
    manager = KernelManager(kernel_name="tslab")
    started = time.time()
    # The answers go to stdout, one JSON line each; what the kernel's process itself prints must not
    # get between them.
    manager.start_kernel(cwd=job["cwd"], stdout=sys.stderr, stderr=sys.stderr)
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    report = {"start": time.time() - started}
    for step in job["steps"]:
        print(json.dumps(run(manager, client, step)), flush=True)
    report["alive"] = manager.is_alive()
    client.stop_channels()
    started = time.time()
    manager.shutdown_kernel(now=False)
    report["shutdown"] = time.time() - started
    print(json.dumps(report))


def run(manager, client, step):
    for file, text in step.get("touch", {}).items():
        Path(file).write_text(text, encoding="utf8")
        time.sleep(0.5)
    if "complete" in step:
        return client.complete(step["complete"], len(step["complete"]), reply=True, timeout=30)["content"]
    if "inspect" in step:
        return client.inspect(step["inspect"], len(step["inspect"]), reply=True, timeout=30)["content"]
    cells = {}
    for cell in step["cells"]:
        request = client.execute(cell["code"], stop_on_error=cell.get("stop_on_error", True))
        cells[request] = {"stdout": "", "stderr": "", "displays": [], "updates": 0, "error": None, "reply": None, "messages": 0}
    timers = [threading.Timer(seconds, manager.interrupt_kernel) for seconds in step.get("interrupt", [])]
    for timer in timers:
        timer.start()
    begun = time.time()
    idle = set()
    while len(idle) < len(cells) and time.time() - begun < step.get("timeout", 60):
        try:
            message = client.get_iopub_msg(timeout=0.5)
        except Exception:
            continue
        cell = cells.get(message["parent_header"].get("msg_id"))
        if cell is None:
            continue
        kind, content = message["msg_type"], message["content"]
        cell["messages"] += 1
        if kind == "stream":
            cell[content["name"]] += content["text"]
        elif kind == "display_data":
            cell["displays"].append(content["data"])
        elif kind == "update_display_data":
            cell["updates"] += 1
            cell["displays"][-1] = content["data"]
        elif kind == "error":
            cell["error"] = content
        elif kind == "status" and content["execution_state"] == "idle":
            idle.add(message["parent_header"]["msg_id"])
            cell["seconds"] = time.time() - begun
    for timer in timers:
        timer.cancel()
    while True:
        try:
            reply = client.get_shell_msg(timeout=1)
        except Exception:
            break
        if reply["parent_header"]["msg_id"] in cells:
            cells[reply["parent_header"]["msg_id"]]["reply"] = reply["content"]["status"]
        if all(cell["reply"] for cell in cells.values()):
            break
    return list(cells.values())


os.environ.setdefault("JUPYTER_PATH", str(Path(__file__).resolve().parents[2] / "jupyter"))
main()
