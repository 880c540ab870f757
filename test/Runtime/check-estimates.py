"""Runs programs in simulation, as they are or optimised, and compares it with what was expected.

A simulated request takes as long as expected, so the time differs from the estimate only
by what the estimate says of the order of things, and money by what requests cost. Where control depends on answers, one
run is one of several ways: it has to end within the worst case.

usage: check-estimates.py [--optimize] program.mlir...
"""

import json
import subprocess
import sys
import tempfile


def invent(type_, port):
    """A value of the type, as long as the plan expects."""
    if isinstance(type_, str):
        if type_ == "text":
            return "some text"
        return True if type_ == "i1" else 1 if type_.startswith("i") else 0.5
    size, inner = type_["shape"][:1], type_["shape"][1:]
    count = size[0] if size and size[0] is not None else int(port.get("count", 10))
    item = {"item": type_["item"], "shape": inner} if inner else type_["item"]
    return [invent(item, port) for _ in range(count)]


def is_fixed(plan):
    """Whether the same requests are sent whatever the answers are."""
    tasks = {task["id"]: task for task in plan["tasks"]}
    for scope in plan["scopes"]:
        owner = tasks.get(scope.get("owner"), {})
        control = owner.get("control", {})
        if scope["kind"] == "branch" or "verdict" in scope:
            return False
        if control.get("policy") == "first" or "waves" in control:
            return False
    return True


def translate(program, optimizes):
    """The program's schedule, as text."""
    source = open(program).read()
    if optimizes:
        source = subprocess.run(["xcs-opt", "--xcs-optimize"], input=source, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return subprocess.run(["xcs-translate", "--xcs-to-schedule"], input=source, text=True,
                          capture_output=True, check=True).stdout


def run(schedule, plan):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as rows:
        rows.write(json.dumps([invent(port["type"], port) for port in plan["inputs"]]) + "\n")
        rows.flush()
        done = subprocess.run(
            ["xcs-run", "-", "--plan", plan["name"], "--inputs", rows.name, "--time-scale=0"],
            input=schedule, capture_output=True, text=True)
    lines = [line.split() for line in done.stderr.splitlines()]
    requests = next((float(line[1]) for line in lines if line[:1] == ["requests"]), None)
    if requests is None:
        return None, done.stderr
    result = json.loads(done.stdout)
    return {"time": result["time_ms"], "cost": result["cost_usd"], "requests": requests}, ""


def is_near(measured, expected):
    return abs(measured - expected) <= expected / 10


def main():
    programs = sys.argv[1:]
    optimizes = programs[0] == "--optimize"
    faults = plans = fixed_plans = 0
    for program in programs[optimizes:]:
        schedule = translate(program, optimizes)
        for plan in json.loads(schedule)["plans"]:
            plans += 1
            totals = plan.get("totals", {})
            measured, output = run(schedule, plan)
            if measured is None:
                faults += 1
                print(f"FAILED {plan['name']}: {output}")
                continue
            expected = totals.get("makespan_ms", totals.get("latency_ms", 0))
            worst = max(totals.get("worst_latency_ms", 0), expected)
            if is_fixed(plan):
                fixed_plans += 1
                holds = (is_near(measured["time"], expected)
                         and is_near(measured["cost"], totals.get("cost_usd", 0))
                         and measured["requests"] == totals.get("requests", 0))
            else:
                holds = measured["time"] <= worst * 1.1
            faults += not holds
            print(f"{'FAILED ' if not holds else ''}{plan['name']}: {measured['time']:.0f} ms of "
                  f"{expected:.0f}, {measured['requests']:.0f} requests of "
                  f"{totals.get('requests', 0):.2f}, ${measured['cost']:.6f} of "
                  f"${totals.get('cost_usd', 0):.6f}")
    print(f"{plans} plans, {fixed_plans} of fixed control, {faults} mismatches")


main()
