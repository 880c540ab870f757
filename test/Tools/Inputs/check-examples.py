"""check-examples.py <examples> <work folder>: optimises and exports each one; its
optimised form must cost no more, and a second run must change nothing."""

import json
import os
import subprocess
import sys

examples, work = sys.argv[1:]
os.makedirs(work, exist_ok=True)


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True)


names = sorted(name for name in os.listdir(examples) if name.endswith(".mlir"))
for name in sorted(names, key=lambda name: name != "quickstart.mlir"):
    once, twice = (os.path.join(work, f"{at}-{name}") for at in ("once", "twice"))
    report = os.path.join(work, "report.json")
    run("xcs-opt", "--xcs-optimize", "--xcs-report=json", f"--xcs-report-file={report}",
        os.path.join(examples, name), "-o", once)
    run("xcs-opt", "--xcs-optimize", once, "-o", twice)
    run("xcs-translate", "--xcs-to-schedule", once)
    faults = []
    if open(once).read() != open(twice).read():
        faults.append("a second run changes something")
    for program in json.load(open(report))["programs"]:
        if program["after"]["cost_usd"] > program["before"]["cost_usd"] * (1 + 1e-9):
            faults.append("it costs more")
    print(f"{name}: {'failed: ' + '; '.join(faults) if faults else 'optimised and exported'}")
