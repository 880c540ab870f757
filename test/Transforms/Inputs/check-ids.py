# Whether a profile finds the tasks of a schedule in the program again.
# Usage: check-ids.py XCS_OPT XCS_TRANSLATE FILE...

import json
import re
import subprocess
import sys
import tempfile

opt, translate, *files = sys.argv[1:]


def run(*command, source=None):
    return subprocess.run(command, input=source, check=True, stdout=subprocess.PIPE, text=True).stdout


calls = 0
for file in files:
    # One operation a line, so that a location says which.
    program = run(opt, file)
    document = json.loads(run(translate, "--xcs-to-schedule", source=program))
    lines, plans = {}, []
    for plan in document["plans"]:
        tasks = [task for task in plan["tasks"] if task["kind"] == "generate"]
        lengths = {task["id"]: 1000 + number for number, task in enumerate(tasks)}
        lines.update((task["location"]["line"], lengths[task["id"]]) for task in tasks)
        plans.append({"name": plan["name"],
                      "tasks": [{"id": name, "output_tokens": length} for name, length in lengths.items()]})
    with tempfile.NamedTemporaryFile("w", suffix=".json") as profile:
        json.dump({"profile_version": "1.0", "plans": plans}, profile)
        profile.flush()
        hinted = run(opt, f"--xcs-apply-profile={profile.name}", source=program)
    printed = hinted.splitlines()
    for line, length in lines.items():
        found = re.search(r"expected_output_tokens = (\d+)", printed[line - 1])
        if not found or int(found[1]) != length:
            sys.exit(f"{file}: line {line} has not the length {length} of its id: {printed[line - 1]}")
    calls += len(lines)
print(f"{calls} calls in {len(files)} programs")
