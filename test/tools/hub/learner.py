"""A learner in a browser, as far as the test of the hub needs one: the login form, the start of
their server, one request to it, and cells in a kernel. Run by hub/venv's Python:
`learner.py ADDRESS NAME PASSWORD OTHER NOTEBOOK CELLS…`; prints one JSON object. OTHER is another
learner, whose server must not let this one in."""

import asyncio
import json
import re
import sys
import time
import uuid

import requests
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect


class Learner:
    def __init__(self, address, name, password):
        self.name, self.server = name, f"{address}/user/{name}"
        self.session = requests.Session()
        form = self.session.get(f"{address}/hub/login").text
        xsrf = re.search(r'name="_xsrf" value="([^"]+)"', form).group(1)
        data = {"username": name, "password": password, "_xsrf": xsrf}
        self.login = self.session.post(f"{address}/hub/login", data=data)
        self.login.raise_for_status()

    def start(self, address, patience=120):
        """Asks for the server until its Lab answers; returns the seconds that took."""
        began = time.monotonic()
        self.session.get(f"{address}/hub/spawn/{self.name}")
        while time.monotonic() - began < patience:
            answer = self.session.get(f"{self.server}/lab")
            if answer.ok and answer.url.startswith(self.server):
                return time.monotonic() - began
            time.sleep(0.2)
        raise SystemExit(f"the server of {self.name} did not start in {patience} s")

    def get(self, path):
        answer = self.session.get(f"{self.server}/api/{path}")
        answer.raise_for_status()
        return answer.json()

    def post(self, path, data):
        cookies = [c.value for c in self.session.cookies if c.name == "_xsrf" and "/user" in c.path]
        headers = {"X-XSRFToken": cookies[0]}
        answer = self.session.post(f"{self.server}/api/{path}", json=data, headers=headers)
        answer.raise_for_status()
        return answer.json()

    async def run(self, kernel, cells, patience=120):
        """Runs cells one after another: [{ status, text }]."""
        url = f"ws{self.server[4:]}/api/kernels/{kernel}/channels"
        request = requests.Request("GET", f"{self.server}/api/")
        cookie = self.session.prepare_request(request).headers["Cookie"]
        socket = await websocket_connect(HTTPRequest(url, headers={"Cookie": cookie}))
        results = []
        for code in cells:
            id = uuid.uuid4().hex
            header = {"msg_id": id, "msg_type": "execute_request", "username": "", "session": id}
            header.update(version="5.3", date="2026-01-01T00:00:00Z")
            content = {"code": code, "silent": False, "store_history": True}
            message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
            await socket.write_message(json.dumps({**message, "channel": "shell", "buffers": []}))
            text, status, idle = "", None, False
            while status is None or not idle:
                reply = json.loads(await asyncio.wait_for(socket.read_message(), patience))
                if reply["parent_header"].get("msg_id") != id:
                    continue
                content = reply["content"]
                text += content.get("text", "")
                text += str(content.get("data", {}).get("text/plain", ""))
                text += content.get("evalue", "") if reply["msg_type"] == "error" else ""
                status = content["status"] if reply["msg_type"] == "execute_reply" else status
                idle = idle or content.get("execution_state") == "idle"
            results.append({"status": status, "text": text})
        socket.close()
        return results


def main():
    address, name, password, other, notebook, *cells = sys.argv[1:]
    learner = Learner(address, name, password)
    seconds = learner.start(address)
    found = {
        "seconds": seconds,
        "kernels": sorted(learner.get("kernelspecs")["kernelspecs"]),
        "top": sorted(file["name"] for file in learner.get("contents/")["content"]),
        "cells": [],
    }
    if cells:
        kernel = {"name": "tslab"}
        session = {"path": notebook, "name": notebook, "type": "notebook", "kernel": kernel}
        id = learner.post("sessions", session)["kernel"]["id"]
        found["cells"] = asyncio.run(learner.run(id, cells))
    # Asked last: the other's server has had time to start.
    found["other"] = learner.session.get(f"{address}/user/{other}/api/contents/").status_code
    print(json.dumps(found))


main()
