"""Runs a command with a configuration that has the server's URL, and names its key.

usage: with_key.py URL FILE COMMAND...

FILE is where the configuration is written. The key is in the variable MY_KEY.
"""

import json
import subprocess
import sys

url, name, *command = sys.argv[1:]
with open(name, "w") as file:
    json.dump({"endpoints": {"default": {"url": url, "key_env": "MY_KEY"}}}, file)
sys.exit(subprocess.run([*command, "--config", name]).returncode)
