#!/usr/bin/env python3
"""Random programs take as many tokens, and cost as much, after batching as before,
and no more requests.

usage: batched_costs.py xcs-opt xcs-translate first-seed count
"""

import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "Execution"))
import random_program  # noqa: E402

FIGURES = "ttft_ms = 200.0 : f64, output_tokens_per_s = 50.0 : f64, output_usd_per_mtok = 4.0 : f64"
SMALL = 'xcs_llm.model @"small" {input_usd_per_mtok = 0.15 : f64, array_inputs = true}'
LARGE = 'xcs_llm.model @"large" {input_usd_per_mtok = 2.0 : f64, ' + FIGURES + "}"


def get_totals(translate, program):
    run = subprocess.run([translate, "--xcs-to-schedule"], input=program, capture_output=True, text=True, check=True)
    return {plan["name"]: plan["totals"] for plan in json.loads(run.stdout)["plans"]}


def optimize(opt, option, program):
    return subprocess.run([opt, option], input=program, capture_output=True, text=True, check=True).stdout


def is_near(a, b):
    return abs(a - b) <= 1e-9 * max(1, abs(a), abs(b))


def main():
    opt, translate, first, count = *sys.argv[1:3], int(sys.argv[3]), int(sys.argv[4])
    assert SMALL in random_program.HEADER
    program = random_program.write_module(range(first, first + count))
    # A batch has no place for hints that differ from item to item.
    program = re.sub(r"expected_output_tokens = \d+ : i64(, )?", "", program).replace(", }", "}").replace("{}", "")
    program = program.replace(SMALL, SMALL[:-1] + ", " + FIGURES + "}\n" + LARGE)
    while (smaller := optimize(opt, "--cse", program)) != program:
        program = smaller  # without what nobody uses
    batched = optimize(opt, "--xcs-batch-prompts", program)
    before, after = get_totals(translate, program), get_totals(translate, batched)
    assert before.keys() == after.keys() and len(before) == count
    wrong = fewer = slower = 0
    for plan, old in before.items():
        new = after[plan]
        same = ["input_tokens", "output_tokens", "cost_usd", "worst_cost_usd"]
        errors = [key for key in same if not is_near(old.get(key, 0), new.get(key, 0))]
        errors += ["requests"] * (new["requests"] > old["requests"] * (1 + 1e-9))
        for key in errors:
            print(f"FAILED: {plan}: {key} was {old.get(key)}, is {new.get(key)}")
        wrong += bool(errors)
        fewer += new["requests"] < old["requests"] * (1 - 1e-9)
        # The fewest groups may hold a call back that others wait for.
        slower += new.get("latency_ms", 0) > old.get("latency_ms", 0) * (1 + 1e-9)
    print(f"{wrong} wrong, {count} programs")
    print("fewer requests" if fewer else "no batch saved a request")
    print(f"slower: {slower}")


main()
