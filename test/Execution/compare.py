#!/usr/bin/env python3
"""Runs programs before and after passes, and compares what they do.

usage: compare.py xcs-opt xcs-translate (random <first seed> <count> | <program>...)

Without failures a program must do the same. With failures a rewrite must not
add one: what the new program does under the failures F, the old one does under
some of F; those that the new program met are tried. A mismatch names the
function, which for a random program has the seed in its name:
`random_program.py <seed>` prints it.
"""

import concurrent.futures
import itertools
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import random_program
from run_schedule import FAILED, Vocabulary, World, run_plan, to_json

CALLS = ("generate", "embed", "score")
BATCH = "--xcs-batch-prompts"
PIPELINES = [
    [BATCH],
    ["--cse", "--canonicalize", "--control-flow-sink"],
    ["--remove-dead-values", "--canonicalize"],
    ["--canonicalize", BATCH, "--canonicalize"],
]
# Seeds and shares of failures: for batching, and for upstream's passes.
FAILURES = [(0, 0.0), (1, 0.05), (2, 0.3), (3, 0.6)]
FEWER_FAILURES = [(0, 0.0), (4, 0.3)]
FUNCTIONS_PER_MODULE = 50

# Upstream's liveness analysis does not look again at what a region yields, and
# does not forward, once it learns that the operation's result is live. It then
# removes what is live; the verifier refuses the outcome, or upstream's patterns
# crash on it. That is no program, so there is nothing to compare.
UPSTREAM_FAULTS = ("null operand found", "exit -11")


class Tools:
    def __init__(self, opt, translate, folder):
        self.opt, self.translate, self.folder = opt, translate, pathlib.Path(folder)

    def run(self, command, program):
        done = subprocess.run([*command, program], capture_output=True)
        if done.returncode != 0:
            lines = done.stderr.decode(errors="replace").splitlines()
            reason = next((line for line in lines if "error:" in line), f"exit {done.returncode}")
            raise ValueError(f"{' '.join(command[1:])}: {reason}")
        return done.stdout

    def rewrite(self, program, passes):
        text = self.run([self.opt, *passes], program)
        written = self.folder / f"{program.stem}{''.join(passes)}.mlir"
        written.write_bytes(text)
        return written

    def schedule(self, program):
        return json.loads(self.run([self.translate, "--xcs-to-schedule"], program))


class Run:
    """What a plan does in a world."""

    def __init__(self, document, plan, vocabulary, failures, only=None, order=None):
        self.world = World(vocabulary, *failures, only)
        self.outputs = run_plan(document, plan, self.world, order)

    def __eq__(self, other):
        return self.world.tool_calls == other.world.tool_calls and all(
            same(a, b) for a, b in zip(self.outputs, other.outputs, strict=True)
        )

    def __str__(self):
        shown = ["failed" if value is FAILED else to_json(value) for value in self.outputs]
        return f"{shown} {self.world.tool_calls}"[:600]


def same(a, b):
    """A failed item is not a failed list, though both print as null in one."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


def keeps_what_worked(old, new):
    """Whether what had not failed is still as it was: a rewrite may leave out
    failures of no request or parse as well, a division by zero, say."""
    log, new_log = old.world.tool_calls, new.world.tool_calls
    all_failed = all(value is FAILED for value in old.outputs)
    if log != new_log and not (all_failed and new_log[: len(log)] == log):
        return False
    return all(map(covers, old.outputs, new.outputs))


def covers(old, new):
    """Whether the values are the same but for what has failed in the old one."""
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(covers, old, new))
    return old is FAILED or same(old, new)


# ---------------------------------------------------------------------------
# How many calls level by level
# ---------------------------------------------------------------------------


def count_calls(plan):
    return sum(task["kind"] in CALLS for task in plan["tasks"])


def count_level_groups(plan):
    """The groups that grouping level by level makes; None with regions."""
    if len(plan["scopes"]) > 1:
        return None
    levels, groups, alone = {}, set(), 0
    for task in plan["tasks"]:
        before = max((levels[other] for other in task["depends_on"]), default=0)
        is_call = task["kind"] in CALLS
        levels[task["id"]] = before + is_call
        if not is_call:
            continue
        if not task["request"].get("batch_compatible", True):
            alone += 1
            continue
        quality = task.get("hints", {}).get("quality_task")
        kind = [task["kind"], task["request"], task["outputs"], quality]
        groups.add((before, json.dumps(kind, sort_keys=True)))
    return len(groups) + alone


# ---------------------------------------------------------------------------
# Comparisons
# ---------------------------------------------------------------------------


def compare_runs(old_document, old, new_document, new, vocabulary, all_failures):
    """Yields what is wrong with the plan `new` that `old` became."""
    for failures in all_failures:

        def run_old(only=None):
            return Run(old_document, old, vocabulary, failures, only)

        # In another order of those that `depends_on` allows.
        order = random.Random(failures[0])
        before, after = run_old(), Run(new_document, new, vocabulary, failures, order=order)
        may_count = not failures[1] and not before.world.stopped
        if may_count and after.world.requests > before.world.requests:
            yield f"makes {after.world.requests} requests (before: {before.world.requests})"
        if before == after or keeps_what_worked(before, after):
            continue
        if run_old(after.world.failures) != after:
            yield f"differs under {failures}\n    before {before}\n    after  {after}"
            return


def compare_calls(old, new):
    if count_calls(new) > count_calls(old):
        yield f"has {count_calls(new)} calls (before: {count_calls(old)})"
    groups = count_level_groups(old)
    if groups is not None and count_calls(new) > groups:
        yield f"has {count_calls(new)} calls (level by level: {groups})"


def compare_documents(old_document, new_document, passes):
    """Yields the name of each function and what is wrong with it."""
    vocabulary = Vocabulary(old_document)
    all_failures = FAILURES if BATCH in passes else FEWER_FAILURES
    new_plans = {plan["name"]: plan for plan in new_document["plans"]}
    for old in old_document["plans"]:
        new = new_plans[old["name"]]
        try:
            runs = (old_document, old, new_document, new, vocabulary, all_failures)
            faults = list(compare_runs(*runs))
            if passes == [BATCH]:
                faults += compare_calls(old, new)
        except Exception as error:
            faults = [f"does not run: {error!r}"]
        for fault in faults:
            yield old["name"], fault


def check_program(tools, program, pipelines=PIPELINES):
    """Yields (function or program, passes, fault)."""
    old = tools.schedule(program)
    for passes in pipelines:
        try:
            written = tools.rewrite(program, passes)
            if passes == [BATCH]:
                again = tools.run([tools.opt, BATCH], written)
                if again != written.read_bytes():
                    yield program.name, passes, "a second run changes something"
            for name, fault in compare_documents(old, tools.schedule(written), passes):
                yield name, passes, fault
        except ValueError as error:
            yield program.name, passes, str(error)


def check_random(tools, seeds, pipelines=PIPELINES):
    """Checks many functions in a module, and fewer where that fails as a whole."""
    faults = list(check_program(tools, write(tools, seeds), pipelines))
    if len(seeds) == 1:
        return faults
    again = [passes for name, passes, _ in faults if name.endswith(".mlir")]
    faults = [fault for fault in faults if fault[1] not in again]
    middle = len(seeds) // 2
    for half in (seeds[:middle], seeds[middle:]) if again else ():
        faults += check_random(tools, half, again)
    return faults


def is_upstream_fault(passes, fault):
    return "--remove-dead-values" in passes and any(known in fault for known in UPSTREAM_FAULTS)


def write(tools, seeds):
    program = tools.folder / f"f{seeds[0]}-{seeds[-1]}.mlir"
    program.write_text(random_program.write_module(seeds), encoding="utf-8")
    return program


def main():
    opt, translate, *what = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        tools = Tools(opt, translate, folder)
        if what[0] == "random":
            first, count = map(int, what[1:])
            parts = range(first, first + count, FUNCTIONS_PER_MODULE)
            last = first + count
            modules = [range(at, min(at + FUNCTIONS_PER_MODULE, last)) for at in parts]
            with concurrent.futures.ProcessPoolExecutor() as pool:
                parts = pool.map(check_random, itertools.repeat(tools), modules)
                faults = [fault for part in parts for fault in part]
        else:
            faults = [f for path in what for f in check_program(tools, pathlib.Path(path))]
    faults = [fault for fault in faults if not is_upstream_fault(*fault[1:])]
    for name, passes, fault in faults:
        print(f"FAILED {name} {' '.join(passes)}: {fault}")
    print(f"{len(faults)} mismatches")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
