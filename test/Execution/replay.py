#!/usr/bin/env python3
"""Repeats the runs that `execution-check --record` prints, with run_schedule.py: two
interpreters, written apart, that have to come to the same.

usage: execution-check --record program.mlir | replay.py
"""

import json
import sys

from compare import same
from run_schedule import FAILED, ProgramFailed, PlanRunner, World, item_of, to_json


def typed(value, type_):
    """The value of that type that JSON stands for."""
    if value is None:
        return FAILED
    if isinstance(value, list):
        return [typed(item, type_) for item in value]
    return float(value) if item_of(type_) in ("f32", "f64") else value


class Replay(World):
    """Models and tools that say what they said before."""

    def __init__(self, answers):
        super().__init__(vocabulary=None)
        self.answers = iter(answers)

    def next(self, values, types):
        task, inputs, outputs = next(self.answers)
        assert to_json(list(values)) == inputs, (task, values, inputs)
        return [typed(output, type_) for output, type_ in zip(outputs, types, strict=True)]

    def ask(self, kind, request, messages, type_):
        return self.next(messages, [type_])[0]

    def use(self, name, tool, values):
        if any(value is FAILED for value in values):
            raise ProgramFailed(name)
        return self.next(values, tool["outputs"])

    def fails(self, *key):
        return False


def replay(record):
    """What the plan gives, and what it gave before."""
    document = record["schedule"]
    plan = next(plan for plan in document["plans"] if plan["name"] == record["plan"])
    runner = PlanRunner(document, plan, Replay(record["answers"]))
    root = plan["scopes"][0]
    inputs = [typed(value, port["type"]) for value, port in zip(record["inputs"], plan["inputs"])]
    try:
        outputs = runner.run_scope(root, inputs, None)[0]
    except ProgramFailed:
        outputs = [FAILED for _ in plan["outputs"]]
    before = [typed(value, port["type"]) for value, port in zip(record["outputs"], plan["outputs"])]
    return outputs, before


def main():
    count = faults = 0
    for line in sys.stdin:
        record = json.loads(line)
        count += 1
        try:
            outputs, before = replay(record)
            fault = "" if same(outputs, before) else f"\n  {before}\n  {outputs}"
        except Exception as error:
            fault = repr(error)[:2000]
        if fault:
            faults += 1
            print(f"FAILED {record['plan']}: {fault}")
    print(f"{count} runs, {faults} mismatches")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
