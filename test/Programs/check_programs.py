#!/usr/bin/env python3
"""Checks what xcs-opt makes of each program, against the folder's expect.json.

usage: check_programs.py <folder> <xcs-opt> (round-trip | calls)
"""

import json
import pathlib
import re
import subprocess
import sys

# A printed operation begins its line: what texts say of calls does not count.
CALL = re.compile(rb"^ *%\w+ = xcs_llm\.(?:generate|embed|score) ", re.MULTILINE)


def run(command, text=b""):
    result = subprocess.run(command, input=text, capture_output=True)
    if result.returncode != 0:
        raise ValueError(result.stderr.decode(errors="replace"))
    return result.stdout


def check_round_trip(opt, program, _):
    """The program reads back from every form in which it can be written."""
    custom = run([opt, program])
    for form in [], ["--mlir-print-op-generic"], ["--emit-bytecode"]:
        written = run([opt, program, *form])
        if run([opt], written) != custom:
            raise ValueError(f"changes in a round trip {form or ['custom form']}")


def check_calls(opt, program, expected):
    """Upstream's simplifications leave as many calls as they should."""
    calls = len(CALL.findall(run([opt, program, "--cse", "--canonicalize"])))
    if calls != expected["calls_after_cse_dce"]:
        raise ValueError(f"must keep {expected['calls_after_cse_dce']} calls (got {calls})")


def main():
    folder, opt, what = sys.argv[1:]
    check = {"round-trip": check_round_trip, "calls": check_calls}[what]
    expectations = json.loads(pathlib.Path(folder, "expect.json").read_text())
    failures = 0
    for name, expected in sorted(expectations.items()):
        if name.startswith("_"):
            continue
        try:
            check(opt, pathlib.Path(folder, expected["file"]), expected)
            print("ok", expected["file"])
        except ValueError as error:
            failures += 1
            print("FAILED", expected["file"], error)
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
