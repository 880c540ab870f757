"""spoil.py <schedule-check> <schema> <schedule> <work folder>: changes a good schedule in
one place at a time, and says of each change whether it is valid or refused."""

import copy
import json
import os
import subprocess
import sys

check, schema, path, work = sys.argv[1:]
good = json.load(open(path))


def task(document, plan, name):
    return next(t for t in document["plans"][plan]["tasks"] if t["id"] == name)


def scope(document, plan, name):
    return next(s for s in document["plans"][plan]["scopes"] if s["id"] == name)


def extend(d):
    plan = d["plans"][0]
    for place in [d, d["generator"], plan, plan["scopes"][0], plan["tasks"][0],
                  d["models"][0], d["tools"][0], plan["tasks"][1]["request"]]:
        place["extensions"] = {"acme": {"anything": [1, None]}}


def complete(d):
    task(d, 0, "generate1").update(
        resources={"memory_mb": 1.5, "cpus": 0.5, "gpus": 0},
        retry={"max_attempts": 3, "initial_backoff_ms": 100, "backoff_factor": 2,
               "max_backoff_ms": 5000},
        timeout_ms=30000, rate_limit_pool="acme/small", execution_probability=0.5,
        locality={"group": "eu"})
    task(d, 0, "generate1")["inputs"][1]["tokens"] = 130




changes = {
    "extensions everywhere": extend,
    "fields of later passes": complete,
    "unknown field of the document": lambda d: d.update(more=1),
    "unknown field of a task": lambda d: task(d, 0, "parse1").update(more=1),
    "unknown field of a request": lambda d: task(d, 0, "generate1")["request"].update(topp=1),
    "bad id": lambda d: task(d, 0, "parse1").update(id="Parse_1"),
    "id used twice": lambda d: task(d, 0, "parse2").update(id="parse1"),
    "unknown kind": lambda d: task(d, 0, "parse1").update(kind="read"),
    "kind and form differ": lambda d: task(d, 0, "parse1").update(kind="tool"),
    "no idempotency key": lambda d: task(d, 0, "generate1").pop("idempotency"),
    "shared idempotency key": lambda d: task(d, 0, "generate1")["idempotency"].update(
        key=task(d, 0, "generate2")["idempotency"]["key"]),
    "unknown task": lambda d: task(d, 0, "parse1")["inputs"][0].update(task="generate9"),
    "output that is not there": lambda d: task(d, 0, "parse1")["inputs"][0].update(output=1),
    "reference into a scope from outside": lambda d: scope(d, 1, "plan1")["yields"][0].update(
        task="generate1"),
    "dependency missing": lambda d: task(d, 0, "parse1").update(depends_on=[]),
    "dependency on a later task": lambda d: task(d, 2, "tool1")["depends_on"].append("tool3"),
    "text that is not there": lambda d: d.update(texts=[]),
    "template that is not there": lambda d: task(d, 0, "template1")["template"].update(index=7),
    "model that is not there": lambda d: task(d, 0, "generate1")["request"].update(model="no"),
    "tool that is not there": lambda d: task(d, 2, "tool1")["tool"].update(name="no"),
    "waves that do not add up": lambda d: task(d, 1, "ensemble1")["control"].update(waves=[2]),
    "verdict without what a rejection means": lambda d: scope(d, 1, "stage1").pop("on_rejected"),
    "zero for unknown": lambda d: task(d, 0, "generate1").update(timeout_ms=0),
}
for name, change in changes.items():
    document = copy.deepcopy(good)
    change(document)
    spoilt = os.path.join(work, "spoilt.json")
    json.dump(document, open(spoilt, "w"))
    result = subprocess.run([check, schema, spoilt], capture_output=True, text=True)
    if result.returncode not in (0, 1):
        sys.exit(f"{name}: {result.stderr}")
    print("refused:" if result.returncode else "valid:", name)
