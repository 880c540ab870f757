"""Runs programs in simulation, and again against a server that gives the same answers,
each as late as the schedule expects: outputs and requests are the same, and the time
too, within 10 %.

usage: replay.py [--optimize] PROGRAM.mlir...

The latencies of a program are scaled, so that it takes some seconds, and what machines
take for themselves matters little. The server finds
what to answer by the key that tells requests apart, in the state that the simulation
has kept.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REAL_MS = 5000
replays = {}


def invent(type_, port):
    """A value of the type, as long as the plan expects."""
    if isinstance(type_, str):
        return {"text": "some text", "i1": True}.get(type_, 0.5 if type_.startswith("f") else 1)
    size, inner = type_["shape"][:1], type_["shape"][1:]
    count = size[0] if size and size[0] is not None else int(port.get("count", 10))
    item = {"item": type_["item"], "shape": inner} if inner else type_["item"]
    return [invent(item, port) for _ in range(count)]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_POST(self):
        begin = time.monotonic()
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        _, name, kind, *_ = self.path.split("/")
        replay = replays[name]
        replay.count += kind == "v1"
        status, answer, latency_ms = replay.answer(kind, body, self.headers["Idempotency-Key"])
        data = json.dumps(answer).encode()
        time.sleep(max(begin + latency_ms * replay.scale / 1000 - time.monotonic(), 0))
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:  # it was broken off
            self.close_connection = True


class Replay:
    """A program's answers, and how late they are."""

    def __init__(self, name, folder):
        self.name, self.folder, self.count, self.scale = name, folder, 0, 1
        self.kept, self.latencies = {}, {}

    def file(self, end):
        return os.path.join(self.folder, self.name + end)

    def learn(self, schedule, plan):
        """What the simulation has kept. A key begins with the run's id."""
        database = sqlite3.connect(self.file(".state"))
        rows = database.execute("SELECT key || '/' || sample, answer, input, cached, output FROM answers").fetchall()
        database.close()
        self.kept = {row[0].split("/", 1)[1]: row[1:] for row in rows}
        tools = {tool["name"]: tool.get("latency_ms", 0) for tool in schedule["tools"]}
        for task in plan["tasks"]:
            if "idempotency" in task:
                latency = tools[task["tool"]["name"]] if "tool" in task else task["estimate"].get("latency_ms", 0)
                self.latencies[task["idempotency"]["key"]] = latency

    def answer(self, kind, body, key):
        """For a key such as RUN/DOCUMENT/PLAN/TASK/…/SAMPLE+COUNT."""
        first = key.split("/", 1)[1].rsplit("+", 1)[0]
        latency = self.latencies["/".join(first.split("/")[:3])]
        if kind == "tool":
            outputs = json.loads(self.kept[first][0])
            return 200, outputs[0] if len(outputs) == 1 else outputs, latency
        place, start = first.rsplit("/", 1)
        if "input" in body:
            texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
            # Items that share a request are those that come next.
            keys = [first]
            if len(texts) > 1:
                front, index = place.rsplit("/", 1)
                keys = [f"{front}/{int(index) + at}/{start}" for at in range(len(texts))]
            data = [
                {"index": at, "embedding": json.loads(self.kept[item][0])[0]} for at, item in enumerate(keys)
            ]
            return 200, {"data": data, "usage": {"prompt_tokens": round(self.kept[first][1] or 0)}}, latency
        if first not in self.kept:
            return 400, {"error": {"message": f"nothing is known of {key}"}}, 0
        samples, *usage = self.kept[first]
        choices = [
            {"index": at, "message": {"content": text if isinstance(text, str) else json.dumps(text)}}
            for at, text in enumerate(json.loads(samples))
        ]
        counts = dict(zip(("prompt_tokens", "completion_tokens"), (round(usage[0] or 0), round(usage[2] or 0))))
        return 200, {"choices": choices, "usage": counts}, latency


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode not in (0, 2):
        raise RuntimeError(done.stderr)
    return done


def compare(program, url, folder):
    """What differs; nothing if all is the same."""
    name = os.path.splitext(os.path.basename(program))[0]
    replay = replays[name] = Replay(name, folder)
    source = open(program).read()
    if optimizes:
        source = run("xcs-opt", "--xcs-optimize", input=source).stdout
    text = run("xcs-translate", "--xcs-to-schedule", input=source).stdout
    schedule = json.loads(text)
    with open(replay.file(".json"), "w") as file:
        file.write(text)
    plan = schedule["plans"][0]
    with open(replay.file(".jsonl"), "w") as file:
        file.write(json.dumps([invent(port["type"], port) for port in plan["inputs"]]) + "\n")
    command = ["xcs-run", replay.file(".json"), "--plan", plan["name"], "--inputs", replay.file(".jsonl")]
    simulated = run(*command, "--time-scale=0", "--state", replay.file(".state"))
    replay.learn(schedule, plan)
    expected = json.loads(simulated.stdout)
    replay.scale = REAL_MS / max(expected["time_ms"], 1)
    config = {
        "endpoints": {"default": {"url": f"{url}/{name}/v1"}},
        "tools": {tool["name"]: {"url": f"{url}/{name}/tool"} for tool in schedule["tools"]},
    }
    with open(replay.file(".config"), "w") as file:
        json.dump(config, file)
    # A machine that is busy may be late, but not each time.
    for _ in range(4):
        replay.count = 0
        real = run(*command, "--config", replay.file(".config"))
        measured = json.loads(real.stdout)
        time_ms = measured["time_ms"] / replay.scale
        # Where no latency is known it takes no time.
        is_in_time = not expected["time_ms"] or abs(time_ms - expected["time_ms"]) <= expected["time_ms"] / 10
        if is_in_time:
            break
    requests = next(float(line.split()[1]) for line in simulated.stderr.splitlines() if line.split()[:1] == ["requests"])
    faults = []
    if measured["outputs"] != expected["outputs"]:
        faults.append(f"outputs {measured['outputs']} instead of {expected['outputs']}\n{real.stderr}")
    if replay.count != requests:
        faults.append(f"{replay.count} requests instead of {requests:.0f}")
    if not is_in_time:
        faults.append("another time")
    print(f"{name}: {time_ms:.0f} ms of {expected['time_ms']:.0f}, {replay.count} requests", *faults, flush=True)
    return faults


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024  # or connections are tried again a second later


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ["no_proxy"] = "127.0.0.1"
optimizes = sys.argv[1] == "--optimize"
programs = sys.argv[1 + optimizes :]
with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(8) as pool:
    address = f"http://127.0.0.1:{server.server_port}"
    faults = sum(bool(found) for found in pool.map(lambda program: compare(program, address, folder), programs))
print(f"{len(programs)} programs, {faults} differ")
sys.exit(faults > 0)
