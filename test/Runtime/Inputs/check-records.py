# Checks the trace, the telemetry and the profile of one invocation of xcs-run.
# Usage: check-records.py SCHEDULE TRACE TELEMETRY PROFILE

import json
import sys

schedule, trace, telemetry, profile = (json.load(open(name, encoding="utf-8")) for name in sys.argv[1:])

events = trace["traceEvents"]
spans = [event for event in events if event["ph"] == "X"]
threads = {}
for span in spans:
    threads.setdefault((span["pid"], span["tid"]), []).append((span["ts"], span["ts"] + span["dur"]))
for times in threads.values():
    times.sort()
    assert all(end <= start + 1e-3 for (_, end), (start, _) in zip(times, times[1:])), "spans of one thread overlap"
named = {event["pid"] for event in events if event["ph"] == "M" and event["name"] == "process_name"}
assert named >= {span["pid"] for span in spans}, "a process has no name"
last = [event["args"]["usd"] for event in events if event["ph"] == "C" and event["name"] == "cost"][-1]
assert abs(last - sum(span["args"].get("cost_usd", 0) for span in spans)) < 1e-9, "the cost is not the sum"

(resource,) = telemetry["resourceSpans"]
(scope,) = resource["scopeSpans"]
roots, calls, ids = {}, [], set()
for span in scope["spans"]:
    assert len(span["traceId"]) == 32 and len(span["spanId"]) == 16, "an id has another length"
    assert int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"]), "a span ends before it starts"
    assert span["spanId"] not in ids, "two spans have one id"
    ids.add(span["spanId"])
    if "parentSpanId" in span:
        calls.append(span)
    else:
        roots[span["traceId"]] = span
for span in calls:
    root = roots[span["traceId"]]
    assert span["parentSpanId"] == root["spanId"], "a call is not its run's"
    values = {entry["key"]: entry["value"] for entry in span["attributes"]}
    assert values["gen_ai.operation.name"]["stringValue"] == "chat"
    assert {"gen_ai.provider.name", "gen_ai.request.model"} <= values.keys()
    assert int(values["gen_ai.usage.output_tokens"]["intValue"]) > 0

(plan,) = profile["plans"]
assert profile["simulated"]
assert profile["source"]["sha256"] == schedule["source"]["sha256"]
measured = sum(task.get("requests", 0) for task in plan["tasks"])
assert len(spans) == len(calls) == measured > 0, (len(spans), len(calls), measured)
assert plan["runs"] == len(roots)
votes = [task["agreement"] for task in plan["tasks"] if "agreement" in task]
assert votes and all(0 < vote <= 1 for vote in votes)
print(f"{plan['runs']} runs: as many requests in the trace, the telemetry and the profile")
