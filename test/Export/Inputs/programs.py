"""programs.py <programs> <schedule-check> <schema> <work folder>: exports each program as it
stands and after --xcs-batch-prompts, and validates the schedules."""

import glob
import os
import subprocess
import sys

programs, check, schema, work = sys.argv[1:]
paths = sorted(glob.glob(os.path.join(programs, "*.mlir")))
schedules = []
for path in paths:
    name = os.path.splitext(os.path.basename(path))[0]
    batched = os.path.join(work, name + ".mlir")
    subprocess.run(["xcs-opt", "--xcs-batch-prompts", path, "-o", batched], check=True)
    for source, suffix in [(path, ""), (batched, "-batched")]:
        schedules.append(os.path.join(work, name + suffix + ".json"))
        subprocess.run(
            ["xcs-translate", "--xcs-to-schedule", source, "-o", schedules[-1]], check=True)
result = subprocess.run([check, schema, *schedules], stdout=subprocess.DEVNULL)
if result.returncode == 0:
    print(len(paths), "programs, each valid before and after batching")
sys.exit(result.returncode)
