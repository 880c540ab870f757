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


def get_keys():
    """Of what the server was asked, in order."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url + "/journal", timeout=10) as response:
        return [request["key"] for request in json.load(response)["requests"]]


def get_kept():
    """The keys in the state, read from a copy: whoever opens a file also mends it."""
    with tempfile.TemporaryDirectory() as folder:
        for end in ("", "-wal"):
            if os.path.exists(state + end):
                shutil.copy(state + end, os.path.join(folder, "state" + end))
        database = sqlite3.connect(os.path.join(folder, "state"))
        try:
            return {key for key, in database.execute("SELECT key FROM finished")}
        except sqlite3.OperationalError:
            return set()  # it was killed before there was a table
        finally:
            database.close()


def start_and_kill():
    """Kills the run soon after some requests more; whether it was still there."""
    target = len(get_keys()) + dice.randrange(4)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None and len(get_keys()) < target:
        time.sleep(0.002)
    time.sleep(dice.uniform(0, 0.04))
    process.send_signal(signal.SIGKILL)
    if process.wait() > 0:
        raise SystemExit(f"the run failed with {process.returncode}")
    return process.returncode < 0


killed = finished = 0
while killed < kills:
    kept, before = get_kept(), len(get_keys())
    if start_and_kill():
        killed += 1
    else:  # it was quicker: from the beginning
        finished += 1
        for end in ("", "-wal", "-shm"):
            if os.path.exists(state + end):
                os.unlink(state + end)
    time.sleep(0.02)
    again = kept.intersection(get_keys()[before:])
    if again:
        raise SystemExit(f"asked again for what was kept: {sorted(again)}")

kept, before = get_kept(), len(get_keys())
done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
again = kept.intersection(get_keys()[before:])
if not get_kept() or not get_kept() <= set(get_keys()):
    raise SystemExit("the state has other keys than the requests")
alone = subprocess.run(command[:-2], stdout=subprocess.PIPE, text=True, check=True).stdout
if again or done != alone:
    raise SystemExit(f"asked again for {sorted(again)}, or {done!r} is not {alone!r}")
before = len(get_keys())
subprocess.run(command, stdout=subprocess.PIPE, check=True)
if len(get_keys()) > before:
    raise SystemExit("a run that was finished has asked again")
print(f"{len(get_keys())} requests, {len(set(get_keys()))} different ones, {finished} runs finished before")
print(f"killed {killed} times: nothing that was kept was asked for again")
