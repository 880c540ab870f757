"""Kills runs at random points, and has them go on: what was kept is not asked again,
and in the end all is as if nothing had happened.

usage: resume.py URL XCS-RUN SCHEDULE STATE [SEED]
"""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

url, xcs_run, schedule, state = sys.argv[1:5]
seed = int(sys.argv[5]) if len(sys.argv) > 5 else random.randrange(1 << 30)
dice = random.Random(seed)
print(f"seed {seed}", flush=True)
command = [xcs_run, schedule, "--endpoint", url, "--quiet", "--state", state]
kills = 20
under_way = 3  # requests at once: all that a kill may lose


def get_asked():
    """What the server was asked: of each request the key, without its samples, and these."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url + "/journal", timeout=10) as response:
        requests = json.load(response)["requests"]
    asked = []
    for request in requests:
        key, _, samples = request["key"].rpartition("/")
        first, _, count = samples.partition("+")
        asked.append((key, range(int(first), int(first) + int(count or 1))))
    return asked


def get_samples(requests):
    return {(key, sample) for key, samples in requests for sample in samples}


def get_kept():
    """The samples in the state, read from a copy: whoever opens a file also mends it."""
    with tempfile.TemporaryDirectory() as folder:
        for end in ("", "-wal"):
            if os.path.exists(state + end):
                shutil.copy(state + end, os.path.join(folder, "state" + end))
        database = sqlite3.connect(os.path.join(folder, "state"))
        try:
            rows = database.execute("SELECT key, sample, count FROM answers").fetchall()
            return get_samples((key, range(first, first + count)) for key, first, count in rows)
        except sqlite3.OperationalError:
            return set()  # it was killed before there was a table
        finally:
            database.close()


def measure():
    """The profile of a run, without what differs from time to time."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "profile")
        subprocess.run([*command, "--profile", file], stdout=subprocess.DEVNULL, check=True)
        with open(file, encoding="utf-8") as text:
            profile = json.load(text)
    (plan,) = profile["plans"]
    if "simulated" in profile:
        raise SystemExit("the profile says that it is of a simulation")
    for task in plan["tasks"]:
        if task.pop("latency_ms", 0) <= 0:
            raise SystemExit(f"the profile has no latency of {task['id']}")
    return plan


def start_and_kill():
    """Kills the run soon after some requests more; whether it was still there."""
    target = len(get_asked()) + dice.randrange(4)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None and len(get_asked()) < target:
        time.sleep(0.002)
    time.sleep(dice.uniform(0, 0.04))
    process.send_signal(signal.SIGKILL)
    if process.wait() > 0:
        raise SystemExit(f"the run failed with {process.returncode}")
    return process.returncode < 0


killed = finished = 0
since = begun = 0  # kills since the state was begun, and requests until then
while killed < kills:
    kept, before = get_kept(), len(get_asked())
    if start_and_kill():
        killed += 1
        since += 1
    else:  # it was quicker: from the beginning
        finished += 1
        since, begun = 0, len(get_asked())
        for end in ("", "-wal", "-shm"):
            if os.path.exists(state + end):
                os.unlink(state + end)
    time.sleep(0.02)
    again = kept & get_samples(get_asked()[before:])
    if again:
        raise SystemExit(f"asked again for what was kept: {sorted(again)}")

kept, before = get_kept(), len(get_asked())
done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
again = kept & get_samples(get_asked()[before:])
if not get_kept() or not get_kept() <= get_samples(get_asked()):
    raise SystemExit("the state has other keys than the requests")
whole = len(get_asked()) - begun
before = len(get_asked())
profile = measure()
if len(get_asked()) > before:
    raise SystemExit("a run that was finished has asked again")
del command[command.index("--state") :]
alone = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
if again or done != alone:
    raise SystemExit(f"asked again for {sorted(again)}, or {done!r} is not {alone!r}")
needed = len(get_asked()) - before
if whole > needed + since * under_way:
    raise SystemExit(f"{whole} requests for {needed}, after {since} kills")
if profile != measure():
    raise SystemExit(f"the profile of what was recalled differs: {profile}")
print(f"{len(get_asked())} requests, {finished} runs finished before")
print(f"killed {killed} times: nothing that was kept was asked for again")
