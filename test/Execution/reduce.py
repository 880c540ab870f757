#!/usr/bin/env python3
"""Makes a program that a check finds at fault smaller, as long as it stays so.

usage: reduce.py execution-check xcs-reduce program.mlir function pipeline

Prints a program with one function, to keep as a test.
"""

import pathlib
import re
import shlex
import subprocess
import sys
import tempfile


def find_fault(check, program, function, pipeline):
    """What is wrong, without its figures; empty if nothing is."""
    command = [check, program, f"--function={function}", f"--pipeline={pipeline}"]
    output = subprocess.run(command, capture_output=True, text=True).stdout
    found = re.search(r"^FAILED .*?: ([^\d\n]*)", output, re.MULTILINE)
    return found.group(1).strip() if found else ""


def write_test(folder, check, function, pipeline, fault):
    """A script that says by exit code 1 that a program is still at fault."""
    script = folder / "is-at-fault.sh"
    words = map(shlex.quote, [check, f"--function={function}", f"--pipeline={pipeline}"])
    script.write_text(
        f'#!/bin/sh\n{" ".join(words)} "$1" 2>/dev/null |\n'
        f"  grep -qF {shlex.quote(': ' + fault)} && exit 1\nexit 0\n"
    )
    script.chmod(0o755)
    return script


def main():
    check, reducer, source, function, pipeline = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        program = folder / "program.mlir"
        extract = [check, source, f"--function={function}", "--extract"]
        program.write_bytes(subprocess.run(extract, capture_output=True, check=True).stdout)
        fault = find_fault(check, program, function, pipeline)
        if not fault:
            sys.exit(f"nothing is wrong with '{function}' after '{pipeline}'")
        test = write_test(folder, check, function, pipeline, fault)
        command = [reducer, program, f"--xcs-shrink=test={test}"]
        reduced = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        print(f"// execution-check --pipeline='{pipeline}': {fault}")
        print(reduced, end="")


if __name__ == "__main__":
    main()
