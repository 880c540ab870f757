"""Runs xcs-run, and ends it before it is done.

usage: ends.py pipe COMMAND...          closes its output after the first of many runs
       ends.py TEXT SIGNALS COMMAND...  sends INT,TERM say, one after the other, as soon as
                                        TEXT is on its terminal, and says how it has ended
"""

import os
import pty
import signal
import subprocess
import sys
import time


def close_output(command):
    command += ["--inputs", "/dev/stdin", "--parallel-runs=1", "--time-scale=0", "--quiet"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdin.write(b'{"question": "a"}\n' * 20000)
        process.stdin.close()
        process.stdout.readline()
        process.stdout.close()
        told = process.stderr.read().decode()
    if process.returncode != 1 or "error: cannot write outputs: Broken pipe" not in told:
        sys.exit(f"{process.returncode}: {told}")


def is_handled(process, number):
    """Whether the signal neither waits for its handler, nor is in it."""
    with open(f"/proc/{process.pid}/status") as status:
        masks = dict(line.split()[:2] for line in status if line.startswith(("Sig", "Shd")))
    waiting = [masks[name] for name in ("SigPnd:", "ShdPnd:", "SigBlk:")]
    return not any(int(mask, 16) >> (number - 1) & 1 for mask in waiting)


def read_terminal(terminal):
    try:
        return os.read(terminal, 4096).decode()
    except OSError:  # nobody has it any more
        return ""


def send_signals(sign, names, command):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whatever has started the tests
    terminal, slave = pty.openpty()
    process = subprocess.Popen(command, stderr=slave)
    os.close(slave)
    shown = ""
    while sign not in shown:
        more = read_terminal(terminal)
        if not more:
            sys.exit(f"'{sign}' was not shown: {shown}")
        shown += more
    for name in names.split(","):
        if process.poll() is not None:
            sys.exit(f"it has ended before SIG{name}: {process.returncode}")
        number = signal.Signals["SIG" + name]
        process.send_signal(number)
        while not is_handled(process, number):
            time.sleep(0.01)
    while more := read_terminal(terminal):
        shown += more
    status = process.wait()
    print(shown.replace("\r\n", "\n").replace("\r", "\n"), file=sys.stderr)
    print("status", signal.Signals(-status).name if status < 0 else status, file=sys.stderr)


if sys.argv[1] == "pipe":
    close_output(sys.argv[2:])
else:
    send_signals(sys.argv[1], sys.argv[2], sys.argv[3:])
