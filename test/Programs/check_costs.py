# Runs the passes of the cost model and the report on every program.
# Usage: check_costs.py XCS_OPT FOLDER

import json
import pathlib
import re
import subprocess
import sys

tool, folder = sys.argv[1:]
programs = sorted(pathlib.Path(folder).glob("W*.mlir"))
assert len(programs) >= 26, f"{len(programs)} programs in {folder}"


def run(*arguments, **options):
    return subprocess.run([tool, *map(str, arguments)], check=True, capture_output=True, text=True,
                          **options)


for program in programs:
    once = run(program, "--xcs-annotate-costs").stdout
    calls = re.findall(r"xcs_llm\.(?:generate|score|embed)\b.*", once)
    assert calls and all("estimate = #xcs_llm.estimate<input_tokens" in call for call in calls), program
    again = run("--xcs-annotate-costs", input=once).stdout
    assert again == once, f"{program.name}: a second run changes something"
    run(program, "--xcs-verify-constraints")  # fails if a program breaks what it says
    report = json.loads(run(program, "--xcs-report=json", "--xcs-batch-prompts").stderr)
    for entry in report["programs"]:
        for side in entry["before"], entry["after"]:
            assert side["calls"] > 0 and side["input_tokens"] > 0, program
            assert side.get("cost_usd", 0) <= side.get("worst_cost_usd", 0) * (1 + 1e-9), program
            assert side.get("latency_ms", 0) <= side.get("makespan_ms", 0) * (1 + 1e-9), program
            unknown = {figure.get("model") for figure in side["unknown"]}
            assert ("at_least" in side) == bool(unknown), f"{program.name}: {side}"
        # Batching never adds requests; embeddings of a batch may go out in one. It
        # changes no tokens, but for hints: of different ones it keeps the mean, and what
        # reads some of the answers is then off by as much.
        assert entry["before"]["requests"] >= entry["after"]["requests"], program
        for figure in "input_tokens", "output_tokens":
            old, new = entry["before"][figure], entry["after"][figure]
            assert abs(old - new) <= 0.1 * old, f"{program.name}: {figure} {old} -> {new}"
    text = run(program, "--xcs-report").stderr
    assert text.isascii() and all(f"@{entry['name']} " in text for entry in report["programs"])
    assert not re.search(r"[ \t]$|\x1b", text, re.MULTILINE), program
