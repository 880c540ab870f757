#!/usr/bin/env python3
"""Repeats the runs that `execution-check --record` prints, with run_schedule.py: two
interpreters, written apart, that have to come to the same.

usage: execution-check --record program.mlir | replay.py
"""

import json
import sys

from run_schedule import FAILED, PlanRunner, ProgramFailed, item_of, read_response, to_json


def same(a, b):
    """A failed item is not a failed list, though both print as null in one."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


def typed(value, type_):
    """The value of that type that JSON stands for."""
    if value is None:
        return FAILED
    if isinstance(value, list):
        return [typed(item, type_) for item in value]
    return float(value) if item_of(type_) in ("f32", "f64") else value


class World:
    """Models and tools that say what they said before."""

    def __init__(self, answers):
        self.answers = iter(answers)
        self.cache = {}

    def next(self, values, types):
        task, inputs, outputs = next(self.answers)
        assert to_json(list(values)) == inputs, (task, values, inputs)
        return [typed(output, type_) for output, type_ in zip(outputs, types, strict=True)]

    def ask(self, kind, request, messages, type_):
        return self.next(messages, [type_])[0]

    def read(self, parse, text, type_):
        value = read_response(parse, text, type_)
        return parse.get("otherwise", FAILED) if value is FAILED else value

    def use(self, name, tool, values):
        if any(value is FAILED for value in values):
            raise ProgramFailed(name)
        return self.next(values, tool["outputs"])


def replay(record):
    """What the plan gives, and what it gave before."""
    document = record["schedule"]
    plan = next(plan for plan in document["plans"] if plan["name"] == record["plan"])
    inputs = [typed(value, port["type"]) for value, port in zip(record["inputs"], plan["inputs"])]
    outputs = PlanRunner(document, plan, World(record["answers"])).run(inputs)
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
