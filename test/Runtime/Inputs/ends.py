"""Runs xcs-run, and ends it before it is done.

usage: ends.py pipe COMMAND...   closes its output after the first of many runs
       ends.py twice COMMAND...  sends SIGTERM while a tool runs that is waited for, and again
"""

import os
import signal
import subprocess
import sys
import time

how, *command = sys.argv[1:]
if how == "pipe":
    command += ["--inputs", "/dev/stdin", "--parallel-runs=1", "--time-scale=0", "--quiet"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdin.write(b'{"question": "a"}\n' * 20000)
        process.stdin.close()
        process.stdout.readline()
        process.stdout.close()
        told = process.stderr.read().decode()
    if process.returncode != 1 or "error: cannot write outputs: Broken pipe" not in told:
        sys.exit(f"{process.returncode}: {told}")
else:
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        while not os.path.exists("called"):
            time.sleep(0.01)
        sent = 0
        while process.poll() is None:
            process.send_signal(signal.SIGTERM)
            sent += 1
            time.sleep(0.3)
        if sent == 1:
            sys.exit(f"it did not wait for the tool: {process.returncode}")
    if process.returncode != -signal.SIGTERM:
        sys.exit(f"it ended with {process.returncode}")
