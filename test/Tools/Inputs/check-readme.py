# Runs the command in the comment before each block of the README, and compares
# what it prints with the block, where an ellipsis stands for anything.

import re
import subprocess
import sys

root = sys.argv[1]
with open(f"{root}/README.md", encoding="utf-8") as file:
    blocks = re.findall(r"^<!-- ([^\n]*) -->\n```\w+\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)
assert len(blocks) == 6, f"{len(blocks)} blocks with commands in the README"
for command, block in blocks:
    output = subprocess.run(command, shell=True, cwd=root, check=True, stdout=subprocess.PIPE)
    pattern = ".*?".join(re.escape(part.strip()) for part in block.split("…"))
    printed = output.stdout.decode().strip()
    if not re.fullmatch(pattern, printed, re.DOTALL):
        sys.exit(f"the README shows something else than what this prints: {command}\n{printed}")
