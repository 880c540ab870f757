"""Runs programs in simulation, as they are or optimised, and compares it with what was expected.

A simulated request takes as long as expected, so the time differs from the estimate only
by what the estimate says of the order of things, and money by what requests cost. Where
control depends on answers, one run is one of several ways, and the estimate is a mean by
hints of how often which way is taken: there, many runs are measured, their profile gives
the program its hints, and their mean is what has to be expected then.

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


def vary(value, salt):
    """Another value of the same length, if that is told by the type."""
    if isinstance(value, list):
        return [vary(item, f"{salt}.{at}") for at, item in enumerate(value)]
    return f"{value} {salt}" if isinstance(value, str) else value


def pipe(text, *command):
    return subprocess.run(command, input=text, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True).stdout


def export(source):
    return pipe(source, "xcs-translate", "--xcs-to-schedule")


def run(schedule, plan, count=1, *options):
    """Means of so many runs."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as rows:
        inputs = [invent(port["type"], port) for port in plan["inputs"]]
        for at in range(count):
            rows.write(json.dumps(vary(inputs, at) if at else inputs) + "\n")
        rows.flush()
        done = subprocess.run(
            ["xcs-run", "-", "--plan", plan["name"], "--inputs", rows.name, "--time-scale=0",
             "--parallel-runs=1", *options],
            input=schedule, capture_output=True, text=True)
    lines = [line.split() for line in done.stderr.splitlines()]
    requests = next((float(line[1]) for line in lines if line[:1] == ["requests"]), None)
    if requests is None:
        return None, done.stderr
    results = [json.loads(line) for line in done.stdout.splitlines()]
    return {"time": sum(result["time_ms"] for result in results) / count,
            "cost": sum(result["cost_usd"] for result in results) / count,
            "requests": requests / count}, ""


def run_often(source, schedule, plan):
    """Many runs, and the plan with what their profile says of the ways that they took."""
    with tempfile.NamedTemporaryFile("r+", suffix=".json") as file:
        measured, output = run(schedule, plan, 200, "--profile", file.name)
        profile = json.load(open(file.name))
        # Simulated times and lengths are made of estimates, but which way is taken is not.
        del profile["simulated"]
        ways = ("agreement", "stages", "condition")
        for measured_plan in profile["plans"]:
            measured_plan["inputs"] = []
            measured_plan["tasks"] = [task for task in measured_plan["tasks"]
                                      if any(way in task for way in ways)]
        json.dump(profile, open(file.name, "w"))
        hinted = export(pipe(source, "xcs-opt", f"--xcs-apply-profile={file.name}"))
    plans = json.loads(hinted)["plans"]
    return measured, output, next(other for other in plans if other["name"] == plan["name"])


def is_near(measured, expected):
    return abs(measured - expected) <= expected / 10


def main():
    programs = sys.argv[1:]
    optimizes = programs[0] == "--optimize"
    faults = plans = fixed_plans = 0
    for program in programs[optimizes:]:
        source = open(program).read()
        if optimizes:
            source = pipe(source, "xcs-opt", "--xcs-optimize")
        schedule = export(source)
        for plan in json.loads(schedule)["plans"]:
            plans += 1
            fixed = is_fixed(plan)
            fixed_plans += fixed
            if fixed:
                measured, output = run(schedule, plan)
            else:
                measured, output, plan = run_often(source, schedule, plan)
            if measured is None:
                faults += 1
                print(f"FAILED {plan['name']}: {output}")
                continue
            totals = plan.get("totals", {})
            time = totals.get("makespan_ms", totals.get("latency_ms", 0))
            cost, requests = totals.get("cost_usd", 0), totals.get("requests", 0)
            holds = (is_near(measured["time"], time) and is_near(measured["cost"], cost)
                     and is_near(measured["requests"], requests))
            if fixed:
                holds &= measured["requests"] == requests
            faults += not holds
            print(f"{'' if holds else 'FAILED '}{plan['name']}: {measured['time']:.0f} ms of "
                  f"{time:.0f}, {measured['requests']:.2f} requests of {requests:.2f}, "
                  f"${measured['cost']:.6f} of ${cost:.6f}")
    print(f"{plans} plans, {fixed_plans} of fixed control, {faults} mismatches")


main()
