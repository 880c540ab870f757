"""golden.py <schedule-check> <work folder> <tests>: the current version's golden file
exists, equals what is exported, and none of an older version is gone."""

import glob
import os
import re
import subprocess
import sys

check, work, tests = sys.argv[1:]
version = open(os.path.join(work, "version")).read().strip()
schema = open(os.path.join(tests, "../../docs/schedule.schema.json")).read()
if f'"schema_version": {{"const": "{version}"}}' not in schema:
    sys.exit(f"docs/schedule.schema.json must be of version {version}")

golden = os.path.join(tests, "golden", version, "schedule.json")
if not os.path.exists(golden):
    sys.exit(f"schema version {version} must have a golden file {golden}")
major, minor = map(int, version.split("."))
for older in range(minor):
    if not os.path.exists(os.path.join(tests, "golden", f"{major}.{older}", "schedule.json")):
        sys.exit(f"the golden file of version {major}.{older} must stay")

program = os.path.join("Inputs", f"schedule-{version}.mlir")
if not os.path.exists(os.path.join(tests, program)):
    sys.exit(f"schema version {version} must have a golden program {program}")
os.chdir(os.path.join(tests, "Inputs"))
made = os.path.join(work, "made.json")
subprocess.run(
    ["xcs-translate", "--xcs-to-schedule", os.path.basename(program), "-o", made], check=True)
sys.exit(subprocess.run([check, "--same", made, golden]).returncode)
