# Checks the JSON of report.test's first program: its figures, worked out by hand.

import json
import math
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    report = json.load(file)


def expect(found, **fields):
    for name, value in fields.items():
        assert math.isclose(found[name], value), f"{name}: {found[name]}, not {value}"


(program,) = report["programs"]
assert sorted(program) == ["after", "before", "name"] and program["name"] == "f"
before, after = program["before"], program["after"]
expect(before, calls=5, requests=5, input_tokens=500, cached_input_tokens=0, output_tokens=250,
       cost_usd=2.8e-3, worst_cost_usd=2.8e-3, latency_ms=1000, worst_latency_ms=1000,
       sequential_ms=4000, makespan_ms=4000, assumptions=0)
expect(after, calls=3, requests=3, cost_usd=1.4e-3, sequential_ms=2000, makespan_ms=2000)
for side in before, after:
    assert side["at_least"] == ["cost_usd", "worst_cost_usd", "latency_ms", "worst_latency_ms",
                                "sequential_ms", "makespan_ms"], side["at_least"]
    assert {(figure["model"], figure["field"]) for figure in side["unknown"]} == {
        ("unknown", field)
        for field in ("input_usd_per_mtok", "output_usd_per_mtok", "ttft_ms", "output_tokens_per_s")
    }
expect(before["models"]["m"], calls=4, input_tokens=400, output_tokens=200, cost_usd=2.8e-3)
assert "at_least" not in before["models"]["m"]
# Of what nothing is known is absent, not zero.
assert "cost_usd" not in before["models"]["unknown"]
assert before["models"]["unknown"]["at_least"] == ["cost_usd", "worst_cost_usd"]
expect(report["total"]["before"], calls=5, cost_usd=2.8e-3)
expect(report["total"]["after"], calls=3, cost_usd=1.4e-3)
assert report["total"]["after"]["at_least"] == ["cost_usd", "worst_cost_usd"]
