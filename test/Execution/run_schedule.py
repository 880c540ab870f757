"""Runs the plans of a schedule, in a world of models and tools.

The schedule JSON is all that is read: what a plan does, it does by what
docs/ScheduleFormat.md says; a failure is a value. It is written apart from the
runtime, and slow, to tell where the two understand the format differently.
"""

import json
import math
import re
import struct
import sys

sys.setrecursionlimit(20000)


class Failed:
    """The value of what has failed."""

    def __repr__(self):
        return "FAILED"


FAILED = Failed()


class ProgramFailed(Exception):
    """An operand of an impure tool has failed, and the program with it."""


# ---------------------------------------------------------------------------
# Values: text is str, a flag bool, a list a list of its items, failed or not.
# ---------------------------------------------------------------------------


def to_json(value):
    """A value as JSON; failed items of a list are null, as in a plan's outputs."""
    if value is FAILED:
        return None
    return [to_json(item) for item in value] if isinstance(value, list) else value


def freeze(value):
    """A form of the value that tells it from all others, for votes."""
    return json.dumps(to_json(value))


def item_of(type_):
    return type_ if isinstance(type_, str) else type_["item"]


def shape_of(type_):
    return [] if isinstance(type_, str) else type_["shape"]


def format_number(value):
    """A number as in RFC 8785."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    point = len(whole) + int(exponent or 0)
    digits = (whole + fraction).lstrip("0")
    point -= len(whole + fraction) - len(digits)
    digits = digits.rstrip("0")
    if point > 21 or point <= -6:
        tail = "." + digits[1:] if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{tail}e{point - 1:+d}"
    if point <= 0:
        return sign + "0." + "0" * -point + digits
    if point >= len(digits):
        return sign + digits + "0" * (point - len(digits))
    return sign + digits[:point] + "." + digits[point:]


# ---------------------------------------------------------------------------
# Reading responses
# ---------------------------------------------------------------------------

NUMBER = re.compile(r"[-+]?[0-9][0-9,]*(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")


def read_number(text, type_):
    matches = NUMBER.findall(text)
    if not matches:
        return FAILED
    value = float(matches[-1].replace(",", ""))
    if type_ == "f64":
        return value if math.isfinite(value) else FAILED
    if not math.isfinite(value) or value != int(value) or abs(value) >= 2**63:
        return FAILED
    digits = matches[-1].replace(",", "")
    return int(digits) if digits.lstrip("+-").isdigit() else int(value)


def read_choice(text, choices):
    best = None
    for index, choice in enumerate(choices):
        found = re.search(rf"(?<!\w){re.escape(choice)}(?!\w)", text, re.IGNORECASE)
        if found and (best is None or (found.start(), -len(choice)) < best[0]):
            best = (found.start(), -len(choice)), index
    return FAILED if best is None else best[1]


def read_boolean(text):
    word = read_choice(text, ["no", "false", "yes", "true"])
    return FAILED if word is FAILED else word >= 2


def read_scalar(text, type_):
    if type_ == "text":
        return text
    return read_boolean(text) if type_ == "i1" else read_number(text, type_)


def first_json(text):
    decoder = json.JSONDecoder()
    for start in [0] + [found.start() for found in re.finditer(r"[{\[]", text)]:
        try:
            return decoder.raw_decode(text[start:].lstrip())[0]
        except ValueError:
            continue
    return FAILED


def select(document, pointer):
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list):
            if not name.isdigit() or int(name) >= len(document):
                return FAILED
            document = document[int(name)]
        elif isinstance(document, dict) and name in document:
            document = document[name]
        else:
            return FAILED
    return document


def convert_json(value, type_):
    if value is FAILED:
        return FAILED
    shape = shape_of(type_)
    if shape:
        if not isinstance(value, list) or shape[0] not in (None, len(value)):
            return FAILED
        items = [convert_json(item, item_of(type_)) for item in value]
        return FAILED if any(item is FAILED for item in items) else items
    if type_ == "text":
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if type_ == "i1":
        return value if isinstance(value, bool) else FAILED
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return FAILED
    if type_ == "i64":
        return int(value) if value == int(value) else FAILED
    return float(value)


def read_response(parse, text, type_):
    kind = parse["format"]
    if kind == "text":
        return text.strip()
    if kind == "number":
        return read_number(text, type_)
    if kind == "boolean":
        return read_boolean(text)
    if kind == "choice":
        return read_choice(text, parse["choices"])
    if kind == "json":
        return convert_json(select(first_json(text), parse["pointer"]), type_)
    found = re.search(parse["pattern"], text)
    group = found and found.group(1 if found.re.groups else 0)
    return FAILED if group is None else read_scalar(group, type_)


# ---------------------------------------------------------------------------
# Numbers
# ---------------------------------------------------------------------------

WIDTH = {"i1": 1, "i8": 8, "i16": 16, "i32": 32, "i64": 64, "index": 64}


def wrap(value, type_):
    width = WIDTH[type_]
    value &= (1 << width) - 1
    if width == 1:
        return bool(value)
    return value - (1 << width) if value >> (width - 1) else value


def signed(value):
    return -int(value) if isinstance(value, bool) else value


def unsigned(value, type_):
    return int(value) & ((1 << WIDTH[type_]) - 1)


def quotient(a, b):
    """Rounded towards zero."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


SIGNED = {
    "addi": lambda a, b: a + b,
    "subi": lambda a, b: a - b,
    "muli": lambda a, b: a * b,
    "divsi": quotient,
    "ceildivsi": lambda a, b: -(-a // b),
    "floordivsi": lambda a, b: a // b,
    "remsi": lambda a, b: a - quotient(a, b) * b,
    "andi": lambda a, b: a & b,
    "ori": lambda a, b: a | b,
    "xori": lambda a, b: a ^ b,
    "maxsi": max,
    "minsi": min,
    "shli": lambda a, b: a << b,
    "shrsi": lambda a, b: a >> b,
    "extsi": lambda a: a,
    "trunci": lambda a: a,
    "index_cast": lambda a: a,
    "sitofp": float,
}
UNSIGNED = {
    "divui": lambda a, b: a // b,
    "ceildivui": lambda a, b: -(-a // b),
    "remui": lambda a, b: a % b,
    "maxui": max,
    "minui": min,
    "shrui": lambda a, b: a >> b,
    "extui": lambda a: a,
    "index_castui": lambda a: a,
    "uitofp": float,
}
FLOAT = {
    "addf": lambda a, b: a + b,
    "subf": lambda a, b: a - b,
    "mulf": lambda a, b: a * b,
    "divf": lambda a, b: a / b,
    "remf": math.fmod,
    "negf": lambda a: -a,
    "maximumf": max,
    "maxnumf": max,
    "minimumf": min,
    "minnumf": min,
    "extf": float,
    "truncf": float,
    "fptosi": math.trunc,
    "fptoui": math.trunc,
}
COMPARE = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}


def compare(op, predicate, values, type_):
    if op == "cmpf":
        if predicate in ("true", "ord"):
            return True
        if predicate in ("false", "uno"):
            return False
        return COMPARE[predicate[1:]](*values)
    if predicate in COMPARE:
        return COMPARE[predicate](*values)
    convert = signed if predicate[0] == "s" else lambda value: unsigned(value, type_)
    return COMPARE[predicate[1:]](*map(convert, values))


def finish_number(value, type_):
    if type_ in ("f32", "f64"):
        value = float(value)
        if type_ == "f32" and math.isfinite(value):
            value = struct.unpack("f", struct.pack("f", value))[0]
        return value if math.isfinite(value) else FAILED
    if isinstance(value, float) or not -(2**64) < value < 2**64:
        value = int(value)
    return wrap(value, type_)


def compute_scalar(arith, values, in_type, out_type):
    op = arith["op"]
    if op == "select":
        condition, first, second = values
        return FAILED if condition is FAILED else first if condition else second
    if any(value is FAILED for value in values):
        return FAILED
    try:
        if op in ("cmpi", "cmpf"):
            return bool(compare(op, arith["predicate"], values, in_type))
        if op in SIGNED:
            value = SIGNED[op](*map(signed, values))
        elif op in UNSIGNED:
            value = UNSIGNED[op](*(unsigned(value, in_type) for value in values))
        else:
            value = FLOAT[op](*values)
            if op in ("fptosi", "fptoui") and abs(value) >= 2**63:
                return FAILED
        return finish_number(value, out_type)
    except (ArithmeticError, ValueError):
        return FAILED


def has_failure(value):
    return value is FAILED or (isinstance(value, list) and any(map(has_failure, value)))


def compute(arith, values, in_type, out_type):
    """On lists, item by item; a flag may choose between lists as they are."""
    if arith["op"] == "select" and not isinstance(values[0], list):
        return compute_scalar(arith, values, None, None)
    if any(value is FAILED for value in values):
        return FAILED
    if any(isinstance(value, list) for value in values):
        columns = zip(*values, strict=True)
        return [compute(arith, column, in_type, out_type) for column in columns]
    return compute_scalar(arith, values, in_type, out_type)


# ---------------------------------------------------------------------------
# Lists
# ---------------------------------------------------------------------------


def flatten(value, rank):
    if rank == 0:
        return [value]
    if value is FAILED:
        return [FAILED]
    return [leaf for item in value for leaf in flatten(item, rank - 1)]


def reshape(items, shape):
    if len(shape) <= 1:
        return list(items)
    size = math.prod(shape[1:])
    return [reshape(items[at : at + size], shape[1:]) for at in range(0, len(items), size)]


def extract(value, indices):
    for index in indices:
        if value is FAILED or index is FAILED or not 0 <= index < len(value):
            return FAILED
        value = value[index]
    return value


def insert(scalar, value, indices):
    if value is FAILED or any(index is FAILED for index in indices):
        return FAILED
    if not indices:
        return scalar
    if not 0 <= indices[0] < len(value):
        return FAILED
    changed = list(value)
    changed[indices[0]] = insert(scalar, value[indices[0]], indices[1:])
    return changed


def fits(value, shape):
    if not shape or value is FAILED:
        return True
    return shape[0] in (None, len(value)) and all(fits(item, shape[1:]) for item in value)


def concat(values, dim):
    if any(value is FAILED for value in values):
        return FAILED
    if dim == 0:
        return [item for value in values for item in value]
    return [concat(rows, dim - 1) for rows in zip(*values, strict=True)]


def take_slice(value, offsets, sizes, strides):
    if not offsets or value is FAILED:
        return value
    picked = [offsets[0] + at * strides[0] for at in range(sizes[0])]
    if any(not 0 <= at < len(value) for at in picked):
        return FAILED
    return [take_slice(value[at], offsets[1:], sizes[1:], strides[1:]) for at in picked]


def drop_unit_dimensions(value, have, want):
    """A slice of rank `have` as one of shape `want`, whose other sizes are one."""
    if not have or value is FAILED or have == want:
        return value
    if want and have[0] == want[0]:
        return [drop_unit_dimensions(item, have[1:], want[1:]) for item in value]
    return drop_unit_dimensions(value[0], have[1:], want)


def run_tensor(form, values, in_types, out_type):
    op, shape = form["op"], shape_of(out_type)
    if op == "from_elements":
        return reshape(values, shape)
    if op == "splat":
        return reshape([values[0]] * math.prod(shape), shape)
    if op == "extract":
        return extract(values[0], values[1:])
    if op == "insert":
        return insert(values[0], values[1], values[2:])
    if values[0] is FAILED:
        return FAILED
    if op == "cast":
        return values[0] if fits(values[0], shape) else FAILED
    if op == "dim":
        value = extract(values[0], [0] * values[1]) if values[1] is not FAILED else FAILED
        return FAILED if value is FAILED else len(value)
    if op == "concat":
        return concat(values, form["dim"])
    if op == "collapse_shape":
        return reshape(flatten(values[0], len(shape_of(in_types[0]))), shape)
    if op == "extract_slice":
        sizes = form["sizes"]
        value = take_slice(values[0], form["offsets"], sizes, form["strides"])
        return drop_unit_dimensions(value, sizes, shape)
    raise ValueError(f"no form for tensor operation {op}")


# ---------------------------------------------------------------------------
# Votes
# ---------------------------------------------------------------------------


def winner(votes, quorum):
    """The most frequent vote, the first of those; none is a failure."""
    counts = {}
    for key, _ in votes:
        counts[key] = counts.get(key, 0) + 1
    best = max(counts, key=counts.get, default=None)  # the first of the largest
    if best is None or counts[best] < (quorum or 1):
        return None
    return next(value for key, value in votes if key == best)


def is_settled(votes, control, rest):
    """Whether `rest` more votes cannot change the result, or it is as sure as wanted."""
    counts = {}
    for key, _ in votes:
        counts[key] = counts.get(key, 0) + 1
    ranked = sorted(counts.values(), reverse=True) + [0, 0]
    if "confidence" in control:
        a, b = ranked[:2]
        tail = sum(math.comb(a + b + 1, heads) for heads in range(a + 1))
        if tail / 2 ** (a + b + 1) >= control["confidence"]:
            return True
    quorum = control.get("quorum", 1)
    if ranked[0] + rest < quorum:
        return True
    leader = max(counts, key=counts.get, default=None)
    if leader is None or counts[leader] < quorum:
        return False
    order = list(counts)
    return rest <= counts[leader] and all(
        count + rest < counts[leader]
        or (count + rest == counts[leader] and order.index(leader) < order.index(key))
        for key, count in counts.items()
        if key != leader
    )


# ---------------------------------------------------------------------------
# Plans
# ---------------------------------------------------------------------------


class Frame:
    """One run of a scope: its arguments, and what its tasks have given."""

    def __init__(self, scope, arguments, parent):
        self.scope, self.arguments, self.parent = scope, arguments, parent
        self.results = {}


class PlanRunner:
    """Runs one plan of a document in a world."""

    def __init__(self, document, plan, world):
        self.document, self.plan, self.world = document, plan, world
        self.scopes = {scope["id"]: scope for scope in plan["scopes"]}
        self.tasks = {task["id"]: task for task in plan["tasks"]}
        assert len(self.scopes) == len(plan["scopes"]) and len(self.tasks) == len(plan["tasks"])
        self.tasks_of = {scope: [] for scope in self.scopes}
        for task in plan["tasks"]:
            self.tasks_of[task["scope"]].append(task)
        self.tools = {tool["name"]: tool for tool in document["tools"]}

    def run(self, inputs):
        """The outputs; what makes a program fail as a whole fails them all."""
        root = next(scope for scope in self.plan["scopes"] if scope["kind"] == "plan")
        try:
            return self.run_scope(root, inputs, None)[0]
        except ProgramFailed:
            return [FAILED for _ in self.plan["outputs"]]

    def run_scope(self, scope, arguments, parent):
        """What the scope yields, its verdict (None without one) and its score."""
        frame = Frame(scope["id"], arguments, parent)
        for task in self.tasks_of[scope["id"]]:
            self.get(task["id"], frame)
        values = [self.resolve(reference, frame) for reference in scope["yields"]]
        verdict = self.resolve(scope["verdict"], frame) if "verdict" in scope else None
        score = self.resolve(scope["score"], frame) if "score" in scope else None
        return values, verdict, score

    def get(self, task_id, frame):
        """The outputs of a task, which is run, after what it depends on, if it has not been."""
        task = self.tasks[task_id]
        while frame.scope != task["scope"]:
            frame = frame.parent
        if task_id not in frame.results:
            for dependency in task["depends_on"]:
                self.get(dependency, frame)
            known = set(task["depends_on"])
            assert all(ref["task"] in known for ref in task["inputs"] if "task" in ref), task
            values = [self.resolve(reference, frame) for reference in task["inputs"]]
            outputs = self.run_task(task, values, frame)
            assert len(outputs) == len(task["outputs"]), task
            for value, type_ in zip(outputs, task["outputs"]):
                assert fits(value, shape_of(type_)), (task, value)
            frame.results[task_id] = outputs
        return frame.results[task_id]

    def resolve(self, reference, frame):
        if "task" in reference:
            return self.get(reference["task"], frame)[reference["output"]]
        if "scope" in reference:
            while frame.scope != reference["scope"]:
                frame = frame.parent
            return frame.arguments[reference["argument"]]
        if "text" in reference:
            return self.document["texts"][reference["text"]]
        if "list" in reference:
            return self.constant_list(self.document["lists"][reference["list"]])
        literal = reference["literal"]
        return float(literal) if reference["type"] in ("f32", "f64") else literal

    @staticmethod
    def constant_list(entry):
        shape = entry["type"]["shape"]
        items = [entry["splat"]] * math.prod(shape) if "splat" in entry else entry["items"]
        if entry["type"]["item"] in ("f32", "f64"):
            items = [float(item) for item in items]
        return reshape(items, shape)

    # Tasks

    def run_task(self, task, values, frame):
        kind, outputs = task["kind"], task["outputs"]
        if kind in ("tensor", "arith"):
            types = [self.type_of(reference) for reference in task["inputs"]]
        if kind == "tensor":
            return [run_tensor(task["tensor"], values, types, outputs[0])]
        if kind == "arith":
            in_type = item_of(types[-1])
            decided = task["arith"].get("decided_by", {"inputs": []})
            if any(values[at] is decided["is"] for at in decided["inputs"]):
                return [decided["is"]]
            return [compute(task["arith"], values, in_type, item_of(outputs[0]))]
        if kind == "tool":
            name = task["tool"]["name"]
            pure = self.tools[name]["pure"]
            if pure and any(value is FAILED for value in values):
                return [FAILED for _ in outputs]
            return self.world.use(name, self.tools[name], values)
        if any(value is FAILED for value in values):
            return [FAILED for _ in outputs]
        return getattr(self, "run_" + kind)(task, values, frame)

    def type_of(self, reference):
        if "task" in reference:
            return self.tasks[reference["task"]]["outputs"][reference["output"]]
        if "scope" in reference:
            return self.scopes[reference["scope"]]["arguments"][reference["argument"]]
        if "list" in reference:
            return self.document["lists"][reference["list"]]["type"]
        return reference.get("type", "text")

    def run_generate(self, task, values, frame):
        return [self.world.ask(task["kind"], task["request"], values, task["outputs"][0])]

    run_embed = run_score = run_generate

    def run_template(self, task, values, frame):
        template = self.document["templates"][task["template"]["index"]]
        texts = []
        for value in values:
            items = value if isinstance(value, list) else [value]
            if any(item is FAILED for item in items):
                return [FAILED]
            printed = [item if isinstance(item, str) else format_number(item) for item in items]
            texts.append(task["template"].get("separator", "").join(printed))
        first, *literals = template["literals"]
        parts = (texts[slot] + literal for slot, literal in zip(template["slots"], literals))
        return [first + "".join(parts)]

    def run_parse(self, task, values, frame):
        return [self.world.read(task["parse"], values[0], task["outputs"][0])]

    def run_cache_lookup(self, task, values, frame):
        return [self.world.cache.get(self.cache_key(task, values), FAILED)]

    def run_cache_store(self, task, values, frame):
        # The value stands before the keys, as in the language.
        if not has_failure(values[0]):
            self.world.cache[self.cache_key(task, values[1:])] = values[0]
        return [values[0]]

    @staticmethod
    def cache_key(task, keys):
        return freeze([task["cache"]["fingerprint"], task["cache"].get("namespace", ""), keys])

    # Control

    def scopes_of(self, task):
        return [self.scopes[scope] for scope in task["control"]["scopes"]]

    def run_conditional(self, task, values, frame):
        taken = next(s for s in self.scopes_of(task) if s["runs"]["is"] == values[0])
        return self.run_scope(taken, [], frame)[0]

    def run_chain(self, task, values, frame):
        return self.run_scope(self.scopes_of(task)[0], [], frame)[0]

    def run_batch(self, task, values, frame):
        (scope,) = self.scopes_of(task)
        if len({len(items) for items in values}) != 1:
            return [FAILED for _ in task["outputs"]]
        runs = [self.run_scope(scope, list(items), frame) for items in zip(*values)]
        kept = [values for values, verdict, _ in runs if "verdict" not in scope or verdict is True]
        return [[values[at] for values in kept] for at in range(len(task["outputs"]))]

    def run_cascade(self, task, values, frame):
        scopes = self.scopes_of(task)
        for scope in scopes:
            attempts = scope["runs"]["attempts"] if "attempts" in scope["runs"] else 1
            for attempt in range(attempts):
                values, verdict, _ = self.run_scope(scope, [], frame)
                is_last = scope is scopes[-1] and attempt + 1 == attempts
                failed = any(value is FAILED for value in values)
                if is_last or (not failed and verdict in (None, True)):
                    return values
        raise AssertionError("a cascade has a stage")

    def run_ensemble(self, task, values, frame):
        control, scopes = task["control"], self.scopes_of(task)
        waves = control.get("waves", [len(scopes)])
        results, start = [], 0  # of each member that ran, or None if it has no value
        for size in waves:
            if start and self.is_decided(control, scopes, results):
                break
            for scope in scopes[start : start + size]:
                values, verdict, score = self.run_scope(scope, [], frame)
                accepted = verdict in (None, True) and score is not FAILED
                accepted = accepted and not any(value is FAILED for value in values)
                results.append((values, score) if accepted else None)
            start += size
        chosen = self.choose(control, scopes, results)
        return chosen or [FAILED for _ in task["outputs"]]

    def is_decided(self, control, scopes, results):
        policy = control["policy"]
        if policy == "all":
            return None in results
        if policy == "first":
            return any(result is not None for result in results)
        if policy == "best":
            return False
        rest = sum(self.most_votes(scope) for scope in scopes[len(results) :])
        return is_settled(self.get_votes(scopes, results), control, rest)

    def most_votes(self, scope):
        if scope.get("votes") != "items":
            return 1
        size = shape_of(self.type_of(scope["yields"][0]))[0]
        return math.inf if size is None else size

    @staticmethod
    def get_votes(scopes, results):
        votes = []
        for scope, result in zip(scopes, results):
            if result is None:
                continue
            is_list = scope["votes"] == "items"
            ballots = [[item] for item in result[0][0]] if is_list else [result[0]]
            votes += [(freeze(b), b) for b in ballots if not any(v is FAILED for v in b)]
        return votes

    def choose(self, control, scopes, results):
        policy = control["policy"]
        present = [result for result in results if result is not None]
        if policy == "all":
            return [[result[0][0] for result in results]] if len(present) == len(scopes) else None
        if policy == "majority":
            return winner(self.get_votes(scopes, results), control.get("quorum"))
        if policy == "best":
            return max(present, key=lambda result: result[1], default=(None,))[0]
        return present[0][0] if present else None
