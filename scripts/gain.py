# Says what batching made of a program, counted from its schedules.
# Usage: gain.py BEFORE.json AFTER.json

import collections
import json
import sys

CALLS = {"generate", "embed", "score"}


class Plan:
    """Counts of one plan. Its tasks are listed in an order that they can run in."""

    def __init__(self, plan):
        self.tasks = {task["id"]: task for task in plan["tasks"]}
        self.scopes = {scope["id"]: scope for scope in plan["scopes"]}
        self.level = {}  # of calls that must be over before a task is
        self.start = {}  # the level at which a scope starts
        self.batches = collections.Counter()
        self.single = 0
        for task in plan["tasks"]:
            self.place(task)
            if task["kind"] in CALLS:
                self.count(task)
        self.levels = max(self.level.values(), default=0)

    def owner(self, scope):
        return self.scopes[scope].get("owner")

    def place(self, task):
        scope = task["scope"]
        if scope not in self.start:
            # Stages run one after the other, other scopes beside each other.
            owner = self.owner(scope)
            sequential = self.scopes[scope]["kind"] == "stage"
            before = [owner] if sequential else self.tasks[owner]["depends_on"] if owner else []
            self.start[scope] = self.highest(before, self.start.get(owner and self.tasks[owner]["scope"], 0))
        level = self.highest(task["depends_on"], self.start[scope]) + (task["kind"] in CALLS)
        self.level[task["id"]] = level
        while owner := self.owner(scope):
            self.level[owner] = max(self.level[owner], level)
            scope = self.tasks[owner]["scope"]

    def highest(self, tasks, least):
        return max([least] + [self.level[task] for task in tasks])

    def count(self, task):
        """A call in a batch goes out with those of the other items."""
        items, batched, scope = 1, False, task["scope"]
        while owner := self.owner(scope):
            if self.tasks[owner]["kind"] == "batch":
                batched = True
                size = self.tasks[owner]["outputs"][0]["shape"][0]
                items = items * size if isinstance(size, int) and size >= 0 and items else 0
            scope = self.tasks[owner]["scope"]
        if batched:
            self.batches[items] += 1
        else:
            self.single += 1


def describe(path):
    with open(path) as file:
        plans = [Plan(plan) for plan in json.load(file)["plans"]]
    single = sum(plan.single for plan in plans)
    batches = sum((plan.batches for plan in plans), collections.Counter())
    groups = [f"{number} of {size or 'unknown size'}" for size, number in sorted(batches.items())]
    if single:
        groups.insert(0, f"{single} single")
    levels = max((plan.levels for plan in plans), default=0)
    count = single + sum(batches.values())
    return f"{count} group{'s' * (count != 1)} of calls ({', '.join(groups)}), {levels} deep"


before, after = map(describe, sys.argv[1:])
print(f"before: {before}")
print(f"after:  {after}")
print("The calls of a group are ready together; what that saves is up to the endpoint.")
