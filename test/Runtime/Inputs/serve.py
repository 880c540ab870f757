"""Runs a command with a server beside it, and tells what came to the server.

usage: serve.py odd -- COMMAND...
       serve.py AIMOCK CONFIG -- COMMAND...

In the command, @URL@ stands for the server's URL. AIMOCK is its program, CONFIG its
file. The last line says how many requests came; the status is the command's.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

here = os.path.dirname(os.path.abspath(__file__))


def start_odd():
    server = subprocess.Popen([sys.executable, os.path.join(here, "odd_server.py")], stdout=subprocess.PIPE, text=True)
    return server, server.stdout.readline().strip(), "/journal"


def start_aimock(program, config):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        ["node", program, "--config", config, "--port", str(port), "--host", "127.0.0.1"],
        stdout=subprocess.DEVNULL,
        cwd=os.path.dirname(os.path.abspath(config)),
    )
    return server, f"http://127.0.0.1:{port}", "/__aimock/journal"


def get(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    key = os.environ.get("AIMOCK_API_KEYS")  # aimock's, where it asks for one
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"} if key else {})
    with opener.open(request, timeout=10) as response:
        return json.load(response)


def wait_for(url, server):
    for _ in range(300):
        try:
            get(url)
            return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.05)
    raise SystemExit("serve: the server did not start")


at = sys.argv.index("--")
server, url, journal = start_odd() if sys.argv[1] == "odd" else start_aimock(*sys.argv[1:at])
try:
    wait_for(url + journal, server)
    # Proxies of the machine are none of the test's.
    environment = {**os.environ, "no_proxy": "127.0.0.1"}
    command = [word.replace("@URL@", url) for word in sys.argv[at + 1 :]]
    status = subprocess.run(command, env=environment, timeout=120).returncode
    time.sleep(0.1)  # for what the command has closed to be noticed
    came = get(url + journal)
    if isinstance(came, dict):
        closed = f", {came['closed']} closed" if came["closed"] else ""
        print(f"server: {len(came['requests'])} requests, at most {came['most']} at once{closed}")
    else:
        print(f"server: {sum(entry.get('method') == 'POST' for entry in came)} requests")
finally:
    server.kill()
    server.wait()
sys.exit(status)
