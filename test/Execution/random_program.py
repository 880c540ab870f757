#!/usr/bin/env python3
"""Writes random programs of the xcs_llm dialect, one function a seed.

A function's text depends on its seed alone, so that one can be looked at apart.
With `--numbered` sampled calls have the numbers of their samples,
`xcs_llm.sample_ids`.

usage: random_program.py [--numbered] first-seed [count]
"""

import argparse
import contextlib
import math
import random

HEADER = """\
!text = !xcs_llm.text

xcs_llm.model @"small" {input_usd_per_mtok = 0.15 : f64, array_inputs = true}
func.func private @nearest(tensor<4xf32>) -> i64 attributes {xcs_llm.task = "search", xcs_llm.pure}
func.func private @fetch(!text) -> !text attributes {xcs_llm.task = "fetch", xcs_llm.pure}
func.func private @rank(tensor<?x!text>) -> f64 attributes {xcs_llm.task = "rank", xcs_llm.pure}
func.func private @split(!text) -> (tensor<?x!text>, i1) attributes {xcs_llm.task = "split", xcs_llm.pure}
func.func private @send(!text) -> !text attributes {xcs_llm.task = "mail"}
func.func private @record(!text, tensor<2x!text>) -> i1 attributes {xcs_llm.task = "log"}
"""

PURE_TOOLS = [
    ("nearest", ["tensor<4xf32>"], ["i64"]),
    ("fetch", ["!text"], ["!text"]),
    ("rank", ["tensor<?x!text>"], ["f64"]),
    ("split", ["!text"], ["tensor<?x!text>", "i1"]),
]
IMPURE_TOOLS = [("send", ["!text"], ["!text"]), ("record", ["!text", "tensor<2x!text>"], ["i1"])]

TEXTS = [
    "You are terse.",
    "",
    " ",
    'Say "yes" {not} }{ \\n',
    "line one\nline two\ttab",
    "ünïcödé 雪 \U0001f600 e\u0301",
    '```json\n{"score": 0.5, "tags": ["a"]}\n```',
    "No. I count 12, or 1,234.5e-1",
    "Final Answer: red",
    "\x00\x01\x7f",
]

# Formats, and what their placeholders take.
TEMPLATES = [
    ("Q: {question}\nA:", ["!text"]),
    ("{x}", ["!text"]),
    ("Compare {a} to {b}; again {a}.", ["!text", "!text"]),
    ('{{"text": "{a}", "score": {s}}}', ["!text", "f64"]),
    ("{n} of {flag} — {z}", ["i64", "i1", "!text"]),
    ("List:\n{items}\n{{end}}", ["tensor<2x!text>"]),
    ("Many: {items} and {numbers}", ["tensor<?x!text>", "tensor<3xf64>"]),
    ("constant {{braces}}", []),
]

# Attributes and result types of parses.
PARSES = [
    ("text", "", "!text"),
    ("number", "", "f64"),
    ("number", "{otherwise = -1 : i64}", "i64"),
    ("number", "", "i64"),
    ("boolean", "", "i1"),
    ("boolean", "{otherwise = false}", "i1"),
    ("choice", '{choices = ["red", "green", "dark red"]}', "i64"),
    ("choice", '{choices = ["red", "green"], otherwise = 7 : i64}', "i64"),
    ('json "/answer"', "", "!text"),
    ('json "/score"', "", "f64"),
    ('json "/deep/count"', "", "i64"),
    ('json "/ok"', "{otherwise = true}", "i1"),
    ('json "/tags"', "", "tensor<?x!text>"),
    ('json "/pair"', "", "tensor<2x!text>"),
    ('json "/scores"', "{otherwise = [0.0, 0.25, 1.0]}", "tensor<3xf64>"),
    ('regex "count (-?[0-9]+)"', "", "i64"),
    ('regex "Final Answer: (.*)"', '{otherwise = "none"}', "!text"),
    ('regex "[a-z]+"', "", "!text"),
]

SCALARS = ["!text", "f64", "i64", "i1"]


def quote(text):
    """The text as a string of MLIR."""
    plain = (byte for byte in range(32, 127) if byte not in b'"\\')
    known = {byte: chr(byte) for byte in plain}
    return '"' + "".join(known.get(b, f"\\{b:02X}") for b in text.encode()) + '"'


def list_of(item, size):
    size = "?" if size is None else size
    return f"tensor<{size}x{item.removeprefix('tensor<').removesuffix('>')}>"


def item_of(type_):
    _, _, rest = type_.removeprefix("tensor<").removesuffix(">").partition("x")
    return f"tensor<{rest}>" if rest[0].isdigit() else rest


def size_of(type_):
    size = type_.removeprefix("tensor<").partition("x")[0]
    return None if size == "?" else int(size)


def arrow(types):
    return types[0] if len(types) == 1 else f"({', '.join(types)})"


class Function:
    """One random function."""

    def __init__(self, seed, numbered=False):
        self.rng = random.Random(seed)
        self.numbered = numbered
        self.next_sample = 0
        self.batch_sizes = []  # known ones of the batches around, outermost first
        self.name = f"f{seed}"
        self.lines, self.indent, self.count = [], 1, 0
        self.visible = []  # (name, type) of the values in scope
        self.used = set()
        self.may_be_impure = True
        self.depth = 0
        rng = self.rng
        self.straight = rng.random() < 0.25
        self.profiles = [self.make_profile() for _ in range(rng.randint(1, 3))]
        self.templates = rng.sample(TEMPLATES, rng.randint(2, 4))
        self.parses = rng.sample(PARSES, rng.randint(3, 8))
        self.recipes = [rng.random() for _ in range(2)]  # seeds of equal bodies

    def make_profile(self):
        """What the calls of one kind have in common."""
        rng = self.rng
        attributes = []
        if rng.random() < 0.6:
            attributes.append(f"temperature = {rng.choice(['0.0', '0.0', '0.7'])} : f64")
        if rng.random() < 0.3:
            attributes.append(f"max_tokens = {rng.choice([16, 100])} : i64")
        if rng.random() < 0.15:
            attributes.append('stop = ["\\n", "END"]')
        if rng.random() < 0.1:
            attributes.append("batch_compatible = false")
        if rng.random() < 0.1:
            attributes.append("no_reuse")
        if rng.random() < 0.1:
            attributes.append("cacheable")
        roles = rng.choice([["user"], ["user"], ["system", "user"], ["system", "user", "assistant"]])
        samples = rng.choice([None, None, None, None, 2, 3])
        return rng.choice(["small", "large"]), roles, samples, attributes

    # Values

    def emit(self, line):
        self.lines.append("  " * self.indent + line)

    def fresh(self):
        self.count += 1
        return f"%v{self.count}"

    def define(self, types, text, tail=""):
        """Emits an operation with results of these types."""
        names = [self.fresh() for _ in types]
        self.emit((", ".join(names) + " = " if names else "") + text + tail)
        self.visible += zip(names, types)
        return names

    def operand(self, type_):
        """A value of this type, often a late one, made if there is none."""
        known = [name for name, other in self.visible if other == type_]
        if not known or self.rng.random() < 0.08:
            return self.use(self.make(type_))
        late = self.rng.random() < 0.5
        return self.use(self.rng.choice(known[-4:] if late else known))

    def use(self, name):
        self.used.add(name)
        return name

    def make(self, type_):
        rng = self.rng
        if type_ == "!text":
            return self.define(["!text"], f"xcs_llm.text {quote(rng.choice(TEXTS))}")[0]
        if type_ == "f64":
            number = rng.choice(["0.0", "0.5", "-1.25", "1.0e22", "1.0e-7"])
            return self.define(["f64"], f"arith.constant {number} : f64")[0]
        if type_ in ("i64", "index"):
            return self.define([type_], f"arith.constant {rng.randint(-1, 3)} : {type_}")[0]
        if type_ == "i1":
            return self.define(["i1"], f"arith.constant {rng.choice(['true', 'false'])}")[0]
        if type_ == "tensor<4xf32>":
            text = self.operand("!text")
            return self.define([type_], f'xcs_llm.embed "embedder" ({text}) : {type_}')[0]
        size = size_of(type_)
        if size is None:
            known = list_of(item_of(type_), rng.randint(1, 3))
            return self.define([type_], f"tensor.cast {self.operand(known)} : {known} to {type_}")[0]
        if type_.count("x") > 2 or not item_of(type_) in SCALARS:
            return self.define([type_], f"arith.constant dense<0.5> : {type_}")[0]
        if type_.endswith("!text>") and rng.random() < 0.15:
            items = ", ".join(quote(rng.choice(TEXTS)) for _ in range(size))
            return self.define([type_], f"arith.constant dense<[{items}]> : {type_}")[0]
        items = [self.operand(item_of(type_)) for _ in range(size)]
        return self.define([type_], f"tensor.from_elements {', '.join(items)} : {type_}")[0]

    def index(self, value):
        return self.define(["index"], f"arith.constant {value} : index")[0]

    # Calls and what is around them

    def template(self, entry=None, operands=None):
        format_, types = entry or self.rng.choice(self.templates)
        operands = operands or [self.operand(type_) for type_ in types]
        typed = [
            name + (f" : {type_}" if type_ != "!text" else "")
            for name, type_ in zip(operands, types)
        ]
        attributes = self.rng.choice(["", "", ' {separator = " | "}', " {reorder}"])
        if "tensor" not in str(types):
            attributes = ""
        call = f"xcs_llm.prompt_template {quote(format_)}({', '.join(typed)}){attributes}"
        return self.define(["!text"], call)[0]

    def parse(self, response, entry=None):
        form, attributes, type_ = entry or self.rng.choice(self.parses)
        call = f"xcs_llm.parse_response {self.use(response)} as {form} {attributes} : {type_}"
        return self.define([type_], call)[0]

    def generate(self, profile=None, last=None, system=None):
        rng = self.rng
        model, roles, samples, attributes = profile or rng.choice(self.profiles)
        messages = [self.operand("!text") for _ in roles]
        messages[-1] = last or messages[-1]
        messages[0] = system if system and len(roles) > 1 else messages[0]
        attributes = list(attributes)
        if samples:
            attributes.append(f"n = {samples} : i64")
        if rng.random() < 0.2:
            attributes.append(f"expected_output_tokens = {rng.randint(1, 50)} : i64")
        if rng.random() < 0.1:
            attributes.append("hit_rate = 0.5 : f64")
        for name in messages:
            self.use(name)
        attributes += self.sample_ids(attributes, samples or 1)
        typed = ", ".join(f"{role} {name}" for role, name in zip(roles, messages))
        type_ = list_of("!text", samples) if samples else "!text"
        braces = f" {{{', '.join(attributes)}}}" if attributes else ""
        return self.define([type_], f'xcs_llm.generate "{model}" ({typed}){braces} : {type_}')[0]

    def sample_ids(self, attributes, samples):
        """The attribute that numbers the samples of a call, if it is to have it."""
        sampled = "temperature = 0.0 : f64" not in attributes or "no_reuse" in attributes
        if not self.numbered or not sampled:
            return []
        first = self.next_sample
        self.next_sample += samples * math.prod(self.batch_sizes)
        numbers = ", ".join(map(str, range(first, self.next_sample)))
        return [f"xcs_llm.sample_ids = array<i64: {numbers}>"]

    def response(self):
        """A text to read something from, most often a response."""
        single = [profile for profile in self.profiles if not profile[2]]
        if single and self.rng.random() < 0.4:
            return self.generate(self.rng.choice(single))
        return self.operand("!text")

    def score(self):
        prompt = self.operand("!text")
        attributes, type_ = self.rng.choice(
            [
                ([], "f64"),
                (["temperature = 0.0 : f64"], "f64"),
                (['labels = ["a", "b", "c"]'], "tensor<3xf64>"),
                (["n = 3 : i64"], "tensor<3xf64>"),
            ]
        )
        samples = 3 if "n = 3 : i64" in attributes else 1
        attributes = attributes + self.sample_ids(attributes, samples)
        braces = f" {{{', '.join(attributes)}}}" if attributes else ""
        self.define([type_], f'xcs_llm.score "small" ({prompt}){braces} : {type_}')

    # Statements

    def equal_chains(self):
        """Some chains of one shape: the case that batching is for."""
        rng = self.rng
        entry = rng.choice(self.templates)
        profile = rng.choice(self.profiles)
        parse = rng.choice(self.parses) if rng.random() < 0.7 else None
        system = self.operand("!text") if rng.random() < 0.5 else None
        is_list = bool(profile[2])
        results = []
        for _ in range(rng.randint(2, 4)):
            result = self.generate(profile, self.template(entry), system)
            if parse and not is_list:
                result = self.parse(result, parse)
            results.append(result)
        type_ = dict(self.visible)[results[0]]
        if type_ in SCALARS and rng.random() < 0.5:
            for name in results:
                self.use(name)
            listed = list_of(type_, len(results))
            self.define([listed], f"tensor.from_elements {', '.join(results)} : {listed}")

    def alone(self):
        self.generate()

    def read(self):
        response = self.response()
        for _ in range(self.rng.randint(1, 2)):
            self.parse(response)

    def embed(self):
        for _ in range(self.rng.randint(1, 3)):
            self.make("tensor<4xf32>")
        if self.rng.random() < 0.7:
            self.tool(PURE_TOOLS[0])

    def arith(self):
        form = self.rng.choice(
            [
                ("arith.addf {0}, {0} : f64", "f64", "f64"),
                ("arith.divf {0}, {0} : f64", "f64", "f64"),
                ("arith.mulf {0}, {0} : f64", "f64", "f64"),
                ("arith.divsi {0}, {0} : i64", "i64", "i64"),
                ("arith.muli {0}, {0} : i64", "i64", "i64"),
                ("arith.subi {0}, {0} : i64", "i64", "i64"),
                ("arith.sitofp {0} : i64 to f64", "i64", "f64"),
                ("arith.cmpf ogt, {0}, {0} : f64", "f64", "i1"),
                ("arith.cmpi sle, {0}, {0} : i64", "i64", "i1"),
                ("arith.cmpi eq, {0}, {0} : i64", "i64", "i1"),
                ("arith.andi {0}, {0} : i1", "i1", "i1"),
                ("arith.xori {0}, {0} : i1", "i1", "i1"),
                ("arith.addf {0}, {0} : tensor<3xf64>", "tensor<3xf64>", "tensor<3xf64>"),
            ]
        )
        pattern, taken, type_ = form
        first, *rest = pattern.split("{0}")
        text = first + "".join(self.operand(taken) + part for part in rest)
        self.define([type_], text)

    def choose(self):
        type_ = self.rng.choice(SCALARS)
        condition = self.operand("i1")
        values = f"{self.operand(type_)}, {self.operand(type_)}"
        self.define([type_], f"arith.select {condition}, {values} : {type_}")

    def lists(self):
        rng = self.rng
        what = rng.choice(["extract", "extract", "from", "concat", "cast", "dim"])
        known = [(name, t) for name, t in self.visible if t.startswith("tensor<")]
        if what == "from" or not known:
            self.make(list_of(rng.choice(SCALARS), rng.randint(1, 4)))
            return
        name, type_ = rng.choice(known)
        self.use(name)
        size, item = size_of(type_), item_of(type_)
        if what == "extract" and item in SCALARS + ["f32"]:
            at = self.index(rng.randint(0, (size or 3) - (rng.random() < 0.95)))
            self.define([item], f"tensor.extract {name}[{at}] : {type_}")
        elif what == "concat":
            total = list_of(item, None if size is None else 2 * size)
            both = f"{name}, {self.operand(type_)}"
            self.define([total], f"tensor.concat dim(0) {both} : ({type_}, {type_}) -> {total}")
        elif what == "cast":
            other = list_of(item, rng.randint(1, 3) if size is None else None)
            self.define([other], f"tensor.cast {name} : {type_} to {other}")
        elif what == "dim":
            size = self.define(["index"], f"tensor.dim {name}, {self.index(0)} : {type_}")[0]
            self.define(["i64"], f"arith.index_cast {self.use(size)} : index to i64")

    def tool(self, entry=None):
        tools = PURE_TOOLS + (IMPURE_TOOLS if self.may_be_impure else [])
        name, inputs, outputs = entry or self.rng.choice(tools)
        values = ", ".join(self.operand(type_) for type_ in inputs)
        signature = f"({', '.join(inputs)}) -> {arrow(outputs)}"
        self.define(outputs, f"func.call @{name}({values}) : {signature}")

    # Regions

    @contextlib.contextmanager
    def region(self, impure=True):
        """Values and effects of a region; what it defines is gone behind it."""
        before = list(self.visible), self.may_be_impure
        self.may_be_impure = self.may_be_impure and impure
        self.indent += 1
        self.depth += 1
        yield
        self.depth -= 1
        self.indent -= 1
        self.visible, self.may_be_impure = before

    @contextlib.contextmanager
    def items(self, size):
        """The inside of a batch over lists of this size, `None` if it is not known."""
        before = self.batch_sizes
        self.batch_sizes = before + ([] if size is None else [size])
        yield
        self.batch_sizes = before

    @contextlib.contextmanager
    def dice(self, seed):
        before, self.rng = self.rng, random.Random(seed)
        yield
        self.rng = before

    def statements(self, most):
        for _ in range(self.rng.randint(1, most)):
            self.statement()

    def statement(self):
        plain = [
            (self.equal_chains, 5),
            (self.alone, 3),
            (self.template, 2),
            (self.read, 4),
            (self.score, 2),
            (self.embed, 1),
            (self.arith, 2),
            (self.choose, 1),
            (self.lists, 3),
            (self.tool, 2),
        ]
        control = [
            (self.batch, 3),
            (self.equal_batches, 2),
            (self.ensemble, 4),
            (self.cascade, 3),
            (self.cached, 1),
            (self.conditional, 2),
            (self.chain, 2),
        ]
        makers = plain if self.straight or self.depth >= 3 else plain + control
        weights = [weight for _, weight in makers]
        self.rng.choices([maker for maker, _ in makers], weights)[0]()

    def yield_(self, types):
        values = [self.operand(type_) for type_ in types]
        self.emit(f"xcs_llm.yield {', '.join(values)} : {', '.join(types)}")

    def body(self, types, impure=True, seed=None):
        """The inside of a region that yields `types`, drawn by `seed` if given."""
        with self.region(impure), self.dice(self.rng.random() if seed is None else seed):
            self.statements(3)
            self.yield_(types)

    def result_types(self):
        types = SCALARS + ["!text", "tensor<2x!text>", "tensor<?x!text>", "tensor<4xf32>"]
        return [self.rng.choice(types) for _ in range(self.rng.choice([1, 1, 2]))]

    def verdict(self, share=0.4):
        return ["i1"] if self.rng.random() < share else []

    def control(self, types, opening, bodies, closing=""):
        """An operation whose regions `bodies` write, `}, {` between them."""
        names = [self.fresh() for _ in types]
        self.emit(f"{', '.join(names)} = {opening} -> {arrow(types)} {{")
        for at, body in enumerate(bodies):
            if at:
                self.emit("} else {" if "conditional" in opening else "}, {")
            body()
        self.emit("}" + closing)
        self.visible += zip(names, types)

    def batch(self, recipe=None, lists=None):
        rng = self.rng
        if lists is None:
            size = rng.choice([1, 2, 2, 3, None])
            kinds = rng.choice([["!text"], ["!text"], ["!text", "f64"], ["tensor<4xf32>", "!text"]])
            if "tensor<4xf32>" in kinds and size is None:
                kinds = ["!text"]
            lists = [list_of(kind, size) for kind in kinds]
        operands = [self.operand(type_) for type_ in lists]
        captured = self.visible[:2]
        seed = rng.random() if recipe is None else recipe
        with self.dice(seed):
            item_types = [self.rng.choice(SCALARS + ["tensor<2x!text>", "tensor<4xf32>"])]
            item_types += [self.rng.choice(SCALARS)] * (self.rng.random() < 0.3)
            verdict = self.verdict(0.2)
        size = None if verdict else size_of(lists[0])
        types = [list_of(item, size) for item in item_types]
        items = [self.fresh() for _ in lists]
        bound = ", ".join(f"{i} in {o} : {t}" for i, o, t in zip(items, operands, lists))
        names = [self.fresh() for _ in types]
        self.emit(f"{', '.join(names)} = xcs_llm.batch ({bound}) -> {arrow(types)} {{")
        with self.region(impure=False), self.items(size_of(lists[0])), self.dice(seed):
            if recipe is not None:
                self.visible = captured
            self.visible = self.visible + list(zip(items, map(item_of, lists)))
            if self.rng.random() < 0.7:
                text = next(n for n, t in self.visible[::-1] if t == "!text")
                self.generate(last=text)
            self.statements(2)
            self.yield_(item_types + verdict)
        batch_size = self.rng.choice(["", "", " {batch_size = 2 : i64}"])
        self.emit("}" + batch_size)
        self.visible += zip(names, types)

    def equal_batches(self):
        """Batches whose bodies are drawn alike: they may merge."""
        recipe = self.rng.choice(self.recipes)
        for _ in range(self.rng.randint(1, 3)):
            self.batch(recipe, [list_of("!text", self.rng.choice([1, 2, 3]))])

    def ensemble(self):
        rng = self.rng
        policy = rng.choice(["all", "all", "majority", "first", "best"])
        members = rng.randint(1, 4)
        seed = rng.random() if rng.random() < 0.3 else None
        attributes, quorum = [], ""
        types = self.result_types()
        inner = [types] * members
        if policy == "all":
            item = rng.choice(SCALARS + ["tensor<2x!text>", "tensor<4xf32>"])
            types, inner = [list_of(item, members)], [[item]] * members
        if policy == "best":
            inner = [types + ["f64"]] * members
        if policy == "majority":
            if len(types) == 1 and types[0] in SCALARS:
                votes = [types[0], types[0], list_of(types[0], 2), list_of(types[0], None)]
                inner = [[rng.choice(votes)] for _ in range(members)]
            if rng.random() < 0.4:
                quorum = f" quorum {rng.randint(1, members)}"
        if members > 1 and rng.random() < 0.35:
            first = rng.randint(1, members - 1)
            attributes.append(f"waves = array<i64: {first}, {members - first}>")
            if policy == "majority" and rng.random() < 0.4:
                attributes.append("confidence = 0.8 : f64")
        bodies = [
            lambda types=types: self.body(types + self.verdict(), impure=False, seed=seed)
            for types in inner
        ]
        closing = f" {{{', '.join(attributes)}}}" if attributes else ""
        self.control(types, f"xcs_llm.ensemble {policy}{quorum}", bodies, closing)

    def cascade(self):
        rng = self.rng
        stages = rng.randint(1, 3)
        attempts = [rng.choice([1, 1, 2]) for _ in range(stages)]
        types = self.result_types()
        bodies = [
            lambda n=n: self.body(types + self.verdict(0.6), impure=n == 1) for n in attempts
        ]
        listed = ", ".join(map(str, attempts))
        repeats = max(attempts) > 1
        closing = f" {{attempts = array<i64: {listed}>}}" if repeats else ""
        self.control(types, "xcs_llm.cascade", bodies, closing)

    def cached(self):
        prompt = self.operand("!text")
        profile = ("small", ["user"], None, ["temperature = 0.0 : f64", "cacheable"])

        def look_up():
            with self.region():
                call = f'xcs_llm.cache_lookup "small/0" ({prompt}) : !text'
                self.emit(f"xcs_llm.yield {self.define(['!text'], call)[0]} : !text")

        def ask():
            with self.region():
                new = self.generate(profile, prompt)
                call = f'xcs_llm.cache_store "small/0" ({prompt}), {new} : !text'
                self.emit(f"xcs_llm.yield {self.define(['!text'], call)[0]} : !text")

        self.control(["!text"], "xcs_llm.cascade", [look_up, ask])

    def conditional(self):
        types = self.result_types()
        condition = self.operand("i1")
        bodies = [lambda: self.body(types)] * 2
        self.control(types, f"xcs_llm.conditional {condition}", bodies)

    def chain(self):
        types = self.result_types()
        constraint = self.rng.choice(["", " {deadline_ms = 4000.0 : f64}"])
        self.control(types, "xcs_llm.chain", [lambda: self.body(types)], constraint)

    # The function

    def write(self):
        rng = self.rng
        choices = ["!text", "!text", "f64", "i1", "tensor<3x!text>", "tensor<?x!text>"]
        arguments = ["!text"] + [rng.choice(choices) for _ in range(rng.randint(0, 3))]
        self.visible = [(f"%a{at}", type_) for at, type_ in enumerate(arguments)]
        signature = ", ".join(f"{name}: {type_}" for name, type_ in self.visible)
        self.statements(12 if self.straight else 8)
        returned = self.pick_results()
        types = ", ".join(type_ for _, type_ in returned)
        self.emit(f"return {', '.join(name for name, _ in returned)} : {types}")
        opening = f"func.func @{self.name}({signature}) -> ({types}) {{"
        return "\n".join([opening, *self.lines, "}", ""])

    def pick_results(self):
        """Most of what is otherwise unused, and a few more."""
        unused = [value for value in self.visible if value[0] not in self.used]
        picked = [value for value in unused if self.rng.random() < 0.8][-10:]
        return picked + self.rng.sample(self.visible, min(2, len(self.visible)))


def write_module(seeds, numbered=False):
    return HEADER + "\n" + "\n".join(Function(seed, numbered).write() for seed in seeds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--numbered", action="store_true")
    parser.add_argument("first", type=int)
    parser.add_argument("count", type=int, nargs="?", default=1)
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.count)
    print(write_module(seeds, options.numbered), end="")
