"""golden.py <schedule-check> <work folder> <tests>: the current version's golden file
exists, equals what is exported, and those of older versions are there and still valid."""

import json
import os
import re
import subprocess
import sys

check, work, tests = sys.argv[1:]
version = open(os.path.join(work, "version")).read().strip()
schema = os.path.join(tests, "../../docs/schedule.schema.json")
pattern = json.load(open(schema))["properties"]["schema_version"]["pattern"]
major, minor = map(int, version.split("."))
if not re.search(pattern, version) or re.search(pattern, f"{major}.{minor + 1}"):
    sys.exit(f"docs/schedule.schema.json must be of version {version} (got {pattern})")

golden = os.path.join(tests, "golden", version, "schedule.json")
if not os.path.exists(golden):
    sys.exit(f"schema version {version} must have a golden file {golden}")
for older in range(minor):
    kept = os.path.join(tests, "golden", f"{major}.{older}", "schedule.json")
    if not os.path.exists(kept):
        sys.exit(f"the golden file of version {major}.{older} must stay")
    if json.load(open(kept))["schema_version"] != f"{major}.{older}":
        sys.exit(f"{kept} must be of version {major}.{older}")
    subprocess.run([check, schema, kept], check=True)

program = os.path.join("Inputs", f"schedule-{version}.mlir")
if not os.path.exists(os.path.join(tests, program)):
    sys.exit(f"schema version {version} must have a golden program {program}")
os.chdir(os.path.join(tests, "Inputs"))
made = os.path.join(work, "made.json")
subprocess.run(
    ["xcs-translate", "--xcs-to-schedule", os.path.basename(program), "-o", made], check=True)
sys.exit(subprocess.run([check, "--same", made, golden]).returncode)
