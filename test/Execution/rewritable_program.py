#!/usr/bin/env python3
"""Writes random programs in which every pass of the optimiser has something to do.

They are those of random_program.py with more calls that are equal, votes, judges,
predicates, nested chains and templates, hints, and leave. A function's text depends
on its seed alone. With `--numbered` sampled calls have the numbers of their samples;
with `--unnamed` some calls leave the choice of their model to model selection, before
which they have no form in a schedule.

usage: rewritable_program.py [--numbered] [--unnamed] first-seed [count]
"""

import argparse

import random_program
from random_program import SCALARS, list_of, quote

MODELS = """\
xcs_llm.model @"small" {input_usd_per_mtok = 0.15 : f64, output_usd_per_mtok = 0.6 : f64, batch_discount = 0.5 : f64, max_samples = 4 : i64, context_tokens = 128000 : i64, array_inputs = true, quality = 0.6 : f64, ttft_ms = 300.0 : f64, output_tokens_per_s = 100.0 : f64}
xcs_llm.model @"medium" {input_usd_per_mtok = 0.5 : f64, output_usd_per_mtok = 1.5 : f64, quality = 0.8 : f64, ttft_ms = 400.0 : f64, output_tokens_per_s = 80.0 : f64, failure_rate = 0.01 : f64}
xcs_llm.model @"large" {input_usd_per_mtok = 2.5 : f64, output_usd_per_mtok = 10.0 : f64, cached_input_usd_per_mtok = 1.25 : f64, min_cached_tokens = 1024 : i64, batch_discount = 0.5 : f64, max_samples = 8 : i64, quality = 0.9 : f64, ttft_ms = 600.0 : f64, output_tokens_per_s = 50.0 : f64}
xcs_llm.model @"embedder" {input_usd_per_mtok = 0.02 : f64, ttft_ms = 100.0 : f64, output_tokens_per_s = 1000.0 : f64}
"""
# In the place of the models that random_program.py declares.
HEADER = "\n".join(
    MODELS.rstrip() if line.startswith("xcs_llm.model") else line
    for line in random_program.HEADER.splitlines()
)

TEMPLATES = [
    ("Question: {question}\n\n{rules}\n\nAnswer:", ["!text", "!text"]),
    ("{x} or {y}", ["!text", "!text"]),
    ("{x}", ["!text"]),
    ("{{{x}}} is {n}, {share}, {flag}", ["!text", "i64", "f64", "i1"]),
    ("- {items}", ["tensor<2x!text>"]),
    ("{text}\n\n- {scores}\n\nBe brief.", ["!text", "tensor<3xf64>"]),
]
PARSES = [
    ("number", "{otherwise = -1 : i64}", "i64"),
    ("choice", '{choices = ["red", "green", "yes"]}', "i64"),
    ("boolean", "{otherwise = false}", "i1"),
    ("boolean", "", "i1"),
    ("text", "", "!text"),
    ("number", "", "f64"),
]


class Function(random_program.Function):
    """One random function that can be made better in some way."""

    def __init__(self, seed, numbered=False, unnamed=False):
        self.unnamed = unnamed
        super().__init__(seed, numbered)

    # Calls

    def make_profile(self):
        _, roles, samples, attributes = super().make_profile()
        rng = self.rng
        attributes = [a for a in attributes if a != "cacheable"]
        for share, attribute in [
            (0.2, "cacheable"),
            (0.08, "fusion_compatible = false"),
            (0.08, f"seed = {rng.randint(1, 2)} : i64"),
            (0.1, f"min_quality = {rng.choice([0.3, 0.5])} : f64"),
            (0.08, 'quality_task = "math"'),
            (0.05, f'service_tier = "{rng.choice(["flex", "batch", "standard"])}"'),
            (0.05, "top_p = 0.9 : f64"),
        ]:
            if rng.random() < share:
                attributes.append(attribute)
        model = rng.choice(["small", "small", "medium", "large", "large", "unpriced"])
        if self.unnamed and rng.random() < 0.3:
            model = ""
        return model, roles, samples, attributes

    def single(self, deterministic=None):
        """A profile of one sample, of one kind if that is given."""
        profiles = [(m, roles, None, a) for m, roles, _, a in self.profiles]
        model, roles, _, attributes = self.rng.choice(profiles)
        if deterministic is not None:
            attributes = [a for a in attributes if not a.startswith("temperature")]
            attributes += [f"temperature = {0.0 if deterministic else 0.7} : f64"]
        return model, roles, None, attributes

    def generate(self, profile=None, last=None, system=None):
        name = super().generate(profile, last, system)
        self.lines[-1] = self.lines[-1].replace('xcs_llm.generate "" (', "xcs_llm.generate (")
        return name

    def hidden(self, name):
        """Takes a value out of sight: nobody uses it but who knows its name."""
        self.visible = [value for value in self.visible if value[0] != name]
        return self.use(name)

    def emit_equal(self, profile, operand, system):
        """A call on `operand`, at times by a template of its own."""
        prompt = operand
        if self.rng.random() < 0.5:
            call = f'xcs_llm.prompt_template "Say: {{x}}" ({operand})'
            prompt = self.define(["!text"], call)[0]
        return self.generate(profile, prompt, system)

    def flag(self):
        """A flag that a call stands behind, of no use elsewhere but for luck."""
        if self.rng.random() < 0.3:
            prompt = self.operand("!text")
            attributes = self.rng.choice([["temperature = 0.0 : f64"], []])
            attributes = attributes + self.sample_ids(attributes, 1)
            braces = f" {{{', '.join(attributes)}}}" if attributes else ""
            call = f'xcs_llm.score "medium" ({prompt}){braces} : f64'
            score = self.hidden(self.define(["f64"], call)[0])
            half = self.define(["f64"], "arith.constant 0.5 : f64")[0]
            order = self.rng.choice(["ogt", "olt"])
            flag = self.define(["i1"], f"arith.cmpf {order}, {score}, {half} : f64")[0]
        else:
            response = self.hidden(self.generate(self.single()))
            entry = self.rng.choice([entry for entry in PARSES if entry[2] == "i1"])
            flag = self.parse(response, entry)
        return self.hidden(flag) if self.rng.random() < 0.8 else flag

    # Statements

    def equal_calls(self):
        """Calls of one request, in one block."""
        rng = self.rng
        profile = self.single(rng.choice([True, False, None]))
        operand, system = self.operand("!text"), self.operand("!text")
        names = [self.emit_equal(profile, operand, system) for _ in range(rng.randint(2, 5))]
        if rng.random() < 0.5:
            listed = list_of("!text", len(names))
            for name in names:
                self.use(name)
            self.define([listed], f"tensor.from_elements {', '.join(names)} : {listed}")

    def equal_in_siblings(self):
        """Calls of one request in the branches, members or stages of one operation."""
        rng = self.rng
        profile = self.single(rng.choice([True, True, False]))
        operand, system = self.operand("!text"), self.operand("!text")

        def body(types):
            with self.region(impure=False):
                name = self.emit_equal(profile, operand, system)
                if rng.random() < 0.4:
                    self.statement()
                values = [self.use(name)] + [self.operand(type_) for type_ in types[1:]]
                self.emit(f"xcs_llm.yield {', '.join(values)} : {', '.join(types)}")

        kind = rng.choice(["conditional", "all", "majority", "first", "best", "cascade"])
        count = 2 if kind == "conditional" else rng.randint(2, 4)
        if kind == "conditional":
            opening = f"xcs_llm.conditional {self.operand('i1')}"
        elif kind == "cascade":
            opening = "xcs_llm.cascade"
        else:
            opening = f"xcs_llm.ensemble {kind}"
        types = ["!text"]
        if kind == "best":
            types = ["!text", "f64"]
        elif kind not in ("conditional", "all"):
            types = ["!text"] + self.verdict(0.3)
        results = [list_of("!text", count)] if kind == "all" else ["!text"]
        waves = kind in ("all", "majority") and count > 2 and rng.random() < 0.3
        closing = f" {{waves = array<i64: 2, {count - 2}>}}" if waves else ""
        self.control(results, opening, [lambda: body(types)] * count, closing)

    def vote(self):
        """A vote over samples of one request, in one of the shapes that people write."""
        rng = self.rng
        samples = rng.randint(2, 6)
        model, roles, _, attributes = self.single(rng.choice([False, False, None]))
        operand, system = self.operand("!text"), self.operand("!text")
        entry = rng.choice(PARSES) if rng.random() < 0.7 else None
        type_ = entry[2] if entry else "!text"
        shape = rng.choice(["members", "members", "one request", "mixed"])

        def body(count):
            with self.region(impure=False):
                name = self.generate((model, roles, count, attributes), operand, system)
                of = list_of("!text", count) if count else "!text"
                if entry and count:
                    name, of = self.parse_each(name, count, entry), list_of(type_, count)
                elif entry:
                    name, of = self.parse(name, entry), type_
                verdict = rng.random() < 0.1
                flag = f", {self.operand('i1')}" if verdict else ""
                types = f"{of}, i1" if verdict else of
                self.emit(f"xcs_llm.yield {self.use(name)}{flag} : {types}")

        counts = {
            "members": [None] * samples,
            "one request": [samples],
            "mixed": [2] + [None] * (samples - 1),
        }[shape]
        quorum = f" quorum {rng.randint(1, samples)}" if rng.random() < 0.3 else ""
        hints = []
        if rng.random() < 0.6:
            hints.append(f"agreement = {rng.choice([0.5, 0.7, 0.8, 0.95])} : f64")
        if len(counts) > 2 and rng.random() < 0.2:
            hints.append(f"waves = array<i64: 1, {len(counts) - 1}>")
        closing = f" {{{', '.join(hints)}}}" if hints else ""
        bodies = [lambda count=count: body(count) for count in counts]
        self.control([type_], f"xcs_llm.ensemble majority{quorum}", bodies, closing)

    def parse_each(self, name, count, entry):
        """A batch that reads each item of a list of responses."""
        form, attributes, type_ = entry
        result, item, value = self.fresh(), self.fresh(), self.fresh()
        of, listed = list_of("!text", count), list_of(type_, count)
        self.emit(f"{result} = xcs_llm.batch ({item} in {name} : {of}) -> {listed} {{")
        with self.region(impure=False):
            call = f"xcs_llm.parse_response {item} as {form} {attributes} : {type_}"
            self.emit(f"{value} = {call}")
            self.emit(f"xcs_llm.yield {value} : {type_}")
        self.emit("}")
        self.visible.append((result, listed))
        return result

    def decide(self):
        """Conjunctions and disjunctions of predicates that calls stand behind."""
        rng = self.rng
        flags = [self.flag() for _ in range(rng.randint(2, 3))]
        if self.may_be_impure and rng.random() < 0.1:
            self.tool(random_program.IMPURE_TOOLS[0])
        flag = flags[0]
        for other in flags[1:]:
            if rng.random() < 0.2:
                form, both = "arith.select", f"{flag}, {other}, {self.operand('i1')}"
            else:
                form, both = rng.choice(["arith.andi", "arith.andi", "arith.ori"]), f"{flag}, {other}"
            flag = self.use(self.define(["i1"], f"{form} {both} : i1")[0])
        types = self.result_types()
        if rng.random() < 0.6:
            self.control(
                types, f"xcs_llm.conditional {flag}", [lambda: self.body(types)] * 2
            )

    def known_branch(self):
        """A conditional that decides nothing: constant, or with equal branches."""
        rng = self.rng
        types = self.result_types()
        if rng.random() < 0.4:
            value = rng.choice(["true", "false"])
            condition = self.define(["i1"], f"arith.constant {value}")[0]
            bodies = [lambda: self.body(types)] * 2
        else:
            condition, seed = self.operand("i1"), rng.random()
            bodies = [lambda: self.body(types, seed=seed)] * 2
        self.control(types, f"xcs_llm.conditional {condition}", bodies)

    def used_in_one_branch(self):
        """A call that only one region of the operation behind it uses."""
        rng = self.rng
        name = self.hidden(self.generate(self.single()))
        types = ["!text"]

        def user():
            with self.region():
                prompt = self.define(["!text"], f'xcs_llm.prompt_template "<{{x}}>" ({name})')[0]
                if rng.random() < 0.5:
                    prompt = self.generate(self.single(), prompt)
                self.emit(f"xcs_llm.yield {self.use(prompt)} : !text")

        def other():
            self.body(types)

        if rng.random() < 0.7:
            opening = f"xcs_llm.conditional {self.operand('i1')}"
        else:
            opening = "xcs_llm.cascade"
        bodies = rng.choice([[user, other], [other, user]])
        self.control(types, opening, bodies)

    def nested_chains(self):
        """Chains in chains, with constraints and without."""
        types = self.result_types()
        constraints = ["", "", "", " {deadline_ms = 900000.0 : f64}", " {budget_usd = 9.0 : f64}"]

        def nest(depth):
            with self.region():
                if self.rng.random() < 0.5:
                    self.statement()
                if depth == 0:
                    self.yield_(types)
                    return
                closing = self.rng.choice(constraints)
                self.control(types, "xcs_llm.chain", [lambda: nest(depth - 1)], closing)
                names = [self.use(name) for name, _ in self.visible[-len(types) :]]
                self.emit(f"xcs_llm.yield {', '.join(names)} : {', '.join(types)}")

        depth = self.rng.randint(1, 3)
        closing = self.rng.choice(constraints)
        self.control(types, "xcs_llm.chain", [lambda: nest(depth)], closing)

    def nested_templates(self):
        """Templates in templates, with constants, and constant parts that may move."""
        rng = self.rng
        inner = None
        for _ in range(rng.randint(1, 4)):
            format_, types = rng.choice(TEMPLATES)
            names = []
            for type_ in types:
                if type_ == "!text" and inner and inner not in names:
                    names.append(self.use(inner))
                elif type_ != "tensor<2x!text>" and rng.random() < 0.5:
                    names.append(self.use(self.make(type_)))
                else:
                    names.append(self.operand(type_))
            typed = [n + (f" : {t}" if t != "!text" else "") for n, t in zip(names, types)]
            attributes = rng.choice(["", "", "", " {reorder}", ' {separator = "; "}'])
            if rng.random() < 0.2:
                format_ = format_ + rng.choice(["}}", " {{x}}", "\n"])
            call = f"xcs_llm.prompt_template {quote(format_)} ({', '.join(typed)}){attributes}"
            inner = self.define(["!text"], call)[0]
            if rng.random() < 0.8:
                self.hidden(inner)
        self.generate(self.single(), self.use(inner))

    def judge(self):
        """A judge over candidates, equal ones at times."""
        rng = self.rng
        count = rng.randint(2, 4)
        profile, question = self.single(), self.operand("!text")
        other = self.single() if rng.random() < 0.5 else profile

        def member(at):
            with self.region(impure=False):
                name = self.generate(other if at else profile, question, question)
                self.emit(f"xcs_llm.yield {self.use(name)} : !text")

        listed = list_of("!text", count)
        if rng.random() < 0.5:
            bodies = [lambda at=at: member(at) for at in range(count)]
            self.control([listed], "xcs_llm.ensemble all", bodies)
            candidates = self.visible[-1][0]
        else:
            names = [self.generate(profile, question, question) for _ in range(count)]
            for name in names:
                self.use(name)
            both = f"tensor.from_elements {', '.join(names)} : {listed}"
            candidates = self.define([listed], both)[0]
        format_ = 'Which of these is best?\n{candidates}\nto: {question}'
        typed = f"{self.use(candidates)} : {listed}, {question}"
        call = f"xcs_llm.prompt_template {quote(format_)} ({typed})"
        prompt = self.define(["!text"], call)[0]
        self.parse(self.generate(self.single(), self.use(prompt)))

    def raced(self):
        """The first answer of several, or one as good as the first that is accepted."""
        rng = self.rng
        profiles = [self.single() for _ in range(rng.randint(2, 3))]
        prompt = self.operand("!text")

        def member(profile):
            with self.region(impure=False):
                name = self.use(self.generate(profile, prompt, prompt))
                if rng.random() < 0.4:
                    self.emit(f"xcs_llm.yield {name}, {self.flag()} : !text, i1")
                else:
                    self.emit(f"xcs_llm.yield {name} : !text")

        bodies = [lambda profile=profile: member(profile) for profile in profiles]
        opening = rng.choice(["xcs_llm.ensemble first", "xcs_llm.cascade"])
        self.control(["!text"], opening, bodies)

    def embedded(self):
        """Equal embeddings, at times each anew."""
        text = self.operand("!text")
        type_ = "tensor<4xf32>"
        attributes = ["no_reuse"] if self.rng.random() < 0.2 else []
        for _ in range(self.rng.randint(2, 3)):
            listed = attributes + (self.sample_ids(attributes, 1) if attributes else [])
            braces = f" {{{', '.join(listed)}}}" if listed else ""
            self.define([type_], f'xcs_llm.embed "embedder" ({text}){braces} : {type_}')

    def statement(self):
        rng = self.rng
        if rng.random() < 0.45:
            super().statement()
            return
        plain = [
            (self.equal_calls, 4),
            (self.nested_templates, 3),
            (self.embedded, 1),
        ]
        control = [
            (self.decide, 3),
            (self.equal_in_siblings, 3),
            (self.vote, 4),
            (self.known_branch, 1),
            (self.used_in_one_branch, 3),
            (self.nested_chains, 2),
            (self.judge, 2),
            (self.raced, 1),
        ]
        makers = plain if self.straight or self.depth >= 3 else plain + control
        rng.choices([m for m, _ in makers], [weight for _, weight in makers])[0]()

    # The function

    def attributes(self):
        """What the function says of itself."""
        rng = self.rng
        said = []
        leave = rng.choice([None, None, "lossless", "distribution", "quality"])
        if leave:
            said.append(f'xcs_llm.allow = "{leave}"')
        if rng.random() < 0.15:
            said.append(f"xcs_llm.min_quality = {rng.choice([0.3, 0.5])} : f64")
        if rng.random() < 0.15:
            said.append("xcs_llm.deadline_ms = 9.0e9 : f64")
        if rng.random() < 0.1:
            said.append("xcs_llm.budget_usd = 1000.0 : f64")
        return f" attributes {{{', '.join(said)}}}" if said else ""

    def hints(self, type_):
        """What is said of an argument."""
        rng = self.rng
        said = []
        if type_ != "i1" and type_ != "f64" and rng.random() < 0.5:
            said.append(f"xcs_llm.tokens = {rng.choice([0, 10, 200, 2000])} : i64")
        if type_.startswith("tensor<?") and rng.random() < 0.5:
            said.append(f"xcs_llm.count = {rng.choice([0, 3, 20])} : i64")
        return f" {{{', '.join(said)}}}" if said else ""

    def write(self):
        opening, newline, rest = super().write().partition("\n")
        name_and_arguments, arrow, types = opening.partition(") -> (")
        name, _, arguments = name_and_arguments.partition("(")
        hinted = [a + self.hints(a.partition(": ")[2]) for a in arguments.split(", ")]
        head = types.removesuffix(" {") + self.attributes()
        return f"{name}({', '.join(hinted)}{arrow}{head} {{{newline}{rest}"


def write_module(seeds, numbered=False, unnamed=False):
    functions = (Function(seed, numbered, unnamed).write() for seed in seeds)
    return HEADER + "\n\n" + "\n".join(functions)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--numbered", action="store_true")
    parser.add_argument("--unnamed", action="store_true")
    parser.add_argument("first", type=int)
    parser.add_argument("count", type=int, nargs="?", default=1)
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.count)
    print(write_module(seeds, options.numbered, options.unnamed), end="")
