#!/usr/bin/env python3
"""Runs the worked examples of docs/CostModel.md, and compares their figures.

Below the heading "Worked examples", each heading has a block `mlir`, perhaps one
`json catalog` before it, and one `json` behind it, with figures of the last
function's plan. The block `mlir prelude` stands before each program.

usage: worked_examples.py xcs-translate CostModel.md folder
"""

import json
import pathlib
import re
import subprocess
import sys

# Where a schedule has the figures of a call, and where it leaves defaults out.
GROUPS = ["estimate", "timing", "locality"]


def read_examples(page):
    section = page.split("\n## Worked examples\n")[1].split("\n## ")[0]
    blocks = r"```(mlir prelude|mlir|json catalog|json)\n(.*?)```"
    prelude = dict(re.findall(blocks, section.split("\n### ")[0], re.S))["mlir prelude"]
    for example in section.split("\n### ")[1:]:
        title = example.partition("\n")[0]
        found = re.findall(blocks, example, re.S)
        kinds = dict(found)
        assert len(kinds) == len(found) and {"mlir", "json"} <= kinds.keys(), title
        yield title, prelude + kinds["mlir"], kinds.get("json catalog"), json.loads(kinds["json"])


def get_calls(plan):
    for task in plan["tasks"]:
        if "request" in task:
            figures = {key: value for group in GROUPS for key, value in task.get(group, {}).items()}
            yield {"expected_runs": 1} | figures | task


def differences(expected, got, where):
    """The figures of `expected` that `got` does not have, each as a line."""
    if isinstance(expected, dict) and isinstance(got, dict):
        for key, value in expected.items():
            yield from differences(value, got.get(key), f"{where}.{key}")
        # What is too low says so.
        if where == "totals" and "at_least" in got and "at_least" not in expected:
            yield f"{where}.at_least: expected none, got {got['at_least']}"
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for index, value in enumerate(expected):
            yield from differences(value, got[index], f"{where}[{index}]")
    elif json.dumps(expected) != json.dumps(got) and expected != got:
        yield f"{where}: expected {json.dumps(expected)}, got {json.dumps(got)}"


def check(translate, folder, number, program, catalog, expected):
    source = folder / f"{number}.mlir"
    source.write_text(program)
    command = [translate, "--xcs-to-schedule", source]
    if catalog:
        (folder / f"{number}.json").write_text(catalog)
        command.append(f"--xcs-catalog={folder / f'{number}.json'}")
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if run.returncode != 0:
        return [run.stderr]
    plan = json.loads(run.stdout)["plans"][-1]
    unknown = set(expected) - {"totals", "model_totals", "calls", "unknown"}
    assert not unknown, unknown
    got = {key: plan.get(key) for key in expected}
    got["calls"] = list(get_calls(plan))
    got["model_totals"] = {entry["model"]: entry for entry in plan["model_totals"]}
    return [line for key in expected for line in differences(expected[key], got[key], key)]


def main():
    translate, page, folder = sys.argv[1:]
    failures = 0
    for number, (title, *example) in enumerate(
        read_examples(pathlib.Path(page).read_text(encoding="utf-8"))
    ):
        lines = check(translate, pathlib.Path(folder), number, *example)
        print(f"{'wrong' if lines else 'right'}: {title}", *lines, sep="\n  ")
        failures += bool(lines)
    sys.exit(failures > 0)


main()
