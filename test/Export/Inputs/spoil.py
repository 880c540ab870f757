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


def find(document, form, field, value):
    """The last task with that value in its form."""
    return [t for plan in document["plans"] for t in plan["tasks"]
            if t.get(form, {}).get(field) == value][-1]


def decided(document, op):
    return find(document, "arith", "op", op)["arith"]["decided_by"]


def cancelled(document):
    return [t for t in document["plans"][-1]["tasks"] if "cancel_when_settled" in t][-1]


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


def forecast(d, change=lambda d: None):
    """All that estimates may say, and then `change`."""
    for model in d["models"]:
        model.update(flex_input_usd_per_mtok=0.1, batch_cached_input_usd_per_mtok=0.01,
                     max_input_tokens=100, quality_by_task={"titles": 0.9})
        model["price_steps"] = [{"above_tokens": 200000, "input_usd_per_mtok": 0.5},
                                {"above_tokens": 400000, "batch_output_usd_per_mtok": 1}]
    d["pools"] = [{"name": "a", "requests_per_min": 500},
                  {"name": "b", "tokens_per_min": 1e6, "max_concurrency": 8}]
    plan = d["plans"][0]
    task(d, 0, "generate1").update(
        service_tier="batch", rate_limit_pool="b", expected_runs=2.5,
        estimate={"requests": 0.5, "input_tokens": 120, "cached_input_tokens": 100},
        timing={"earliest_start_ms": 0, "earliest_finish_ms": 1.5, "slack_ms": 0,
                "critical": True},
        locality={"prefix": "small/1", "prefix_tokens": 100})
    task(d, 0, "generate2").update(locality={"group": "body1", "prefix": "small/1"})
    calls = {"calls": 2, "requests": 2.5, "input_tokens": 120.5, "cached_input_tokens": 0,
             "output_tokens": 12, "cost_usd": 1e-5, "worst_cost_usd": 2e-5,
             "at_least": ["cost_usd"]}
    plan["totals"] = {**calls, "latency_ms": 1.5, "worst_latency_ms": 3, "sequential_ms": 4,
                      "makespan_ms": 1.5, "peak_parallelism": 2}
    plan["model_totals"] = [{"model": "large", "calls": 1}, {"model": "small", **calls}]
    plan["unknown"] = [{"model": "large", "field": "ttft_ms"},
                       {"tool": "send", "field": "latency_ms"}]
    plan["critical_path"] = ["generate1", "generate2"]
    plan["assumptions"] = [{"what": "tokens", "value": 100, "input": 0},
                           {"what": "output_tokens", "value": 256, "task": "generate2"},
                           {"what": "probability", "value": 0.5, "scope": "plan1"}]
    change(d)


def forecast_but(change):
    return lambda d: forecast(d, change)


changes = {
    "extensions everywhere": extend,
    "fields of later passes": complete,
    "all that estimates may say": forecast,
    "unknown field of the document": lambda d: d.update(more=1),
    "unknown field of a task": lambda d: task(d, 0, "parse1").update(more=1),
    "unknown field of a request": lambda d: task(d, 0, "generate1")["request"].update(topp=1),
    "numbers of no samples": lambda d: task(d, 0, "generate2").update(sample_ids=[]),
    "sample numbers of a parse": lambda d: task(d, 0, "parse1").update(sample_ids=[1]),
    "sample number that is negative": lambda d: task(d, 0, "generate2").update(sample_ids=[-1]),
    "decided by a number": lambda d: decided(d, "andi").update({"is": 1}),
    "decided by nothing": lambda d: decided(d, "andi").update(inputs=[]),
    "decided by no input": lambda d: decided(d, "andi").update(inputs=[2]),
    "decided twice": lambda d: decided(d, "andi").update(inputs=[0, 0]),
    "conjunction decided by what is true": lambda d: decided(d, "andi").update({"is": True}),
    "difference that is decided": lambda d: find(d, "arith", "op", "andi")["arith"].update(
        op="xori"),
    "cancelled by what is not there": lambda d: cancelled(d).update(cancel_when_settled="arith9"),
    "cancelled by what stands before": lambda d: cancelled(d).update(
        cancel_when_settled=d["plans"][-1]["tasks"][0]["id"]),
    "cancelled by what is never decided": lambda d: find(d, "arith", "op", "ori")["arith"].pop(
        "decided_by"),
    "cancelled, but needed elsewhere": lambda d: d["plans"][-1]["scopes"][0]["yields"][0].update(
        task=find(d, "arith", "op", "andi")["id"]),
    "ensemble of all that cancels": lambda d: find(d, "control", "policy", "all")[
        "control"].update(when_settled="cancel"),
    "chain that cancels": lambda d: find(d, "control", "settles", "all_done")["control"].update(
        when_settled="cancel"),
    "cancelling at another time": lambda d: find(d, "control", "policy", "first")[
        "control"].update(when_settled="wait"),
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
    "default tier": lambda d: task(d, 0, "generate1").update(service_tier="standard"),
    "locality of nothing": lambda d: task(d, 0, "generate1").update(locality={}),
    "length of no prefix": lambda d: task(d, 0, "generate1").update(
        locality={"group": "eu", "prefix_tokens": 1}),
    "fraction of a token": lambda d: task(d, 0, "generate1").update(
        estimate={"input_tokens": 1.5}),
    "more cached than there is": lambda d: task(d, 0, "generate1").update(
        estimate={"input_tokens": 1, "cached_input_tokens": 2}),
    "pool that is not there": forecast_but(
        lambda d: task(d, 0, "generate2").update(rate_limit_pool="c")),
    "pools out of order": forecast_but(lambda d: d["pools"].reverse()),
    "price steps out of order": forecast_but(lambda d: d["models"][0]["price_steps"].reverse()),
    "price step without a price": forecast_but(
        lambda d: d["models"][0]["price_steps"][0].pop("input_usd_per_mtok")),
    "finish before start": forecast_but(
        lambda d: task(d, 0, "generate1")["timing"].update(earliest_start_ms=2)),
    "slack that is negative": forecast_but(
        lambda d: task(d, 0, "generate1")["timing"].update(slack_ms=-1)),
    "critical but not said so": forecast_but(
        lambda d: task(d, 0, "generate1")["timing"].pop("critical")),
    "critical path out of order": forecast_but(
        lambda d: d["plans"][0]["critical_path"].reverse()),
    "critical path of what is not there": forecast_but(
        lambda d: d["plans"][0]["critical_path"].append("generate9")),
    "totals of a model that is not there": forecast_but(
        lambda d: d["plans"][0]["model_totals"][1].update(model="smaller")),
    "at least what is not there": forecast_but(
        lambda d: d["plans"][0]["totals"].pop("cost_usd")),
    "unknown of a tool that is not there": forecast_but(
        lambda d: d["plans"][0]["unknown"][1].update(tool="no")),
    "unknown of nothing": forecast_but(lambda d: d["plans"][0]["unknown"][0].pop("model")),
    "assumption of an input that is not there": forecast_but(
        lambda d: d["plans"][0]["assumptions"][0].update(input=2)),
    "assumption of two things": forecast_but(
        lambda d: d["plans"][0]["assumptions"][0].update(task="generate1")),
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
