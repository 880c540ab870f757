"""Prints a program of so many calls: groups of samples, of ensembles and of chains
of improvements, each judged, and a last word.

usage: many_calls.py CALLS
"""

import sys

TEXT = "!xcs_llm.text"
MODELS = ["gpt-4o-mini", "gpt-4o", "claude-3-5-haiku-20241022", "o1-mini"]


def generate(name, model, prompt, tokens):
    return (f'%{name} = xcs_llm.generate "{model}" (%{prompt}) '
            f"{{expected_output_tokens = {tokens} : i64}} : {TEXT}")


def add_samples(out, group, calls):
    """Equal calls side by side."""
    out.append(f"  %p{group} = xcs_llm.prompt_template #ask (%q)")
    for i in range(calls):
        out.append("  " + generate(f"a{group}_{i}", MODELS[group % 2], f"p{group}", 150))
    return [f"%a{group}_{i}" for i in range(calls)]


def add_ensemble(out, group, calls):
    """Calls of two models, in an ensemble's members."""
    members = []
    for i in range(calls):
        call = generate("r", MODELS[(group + i % 2) % 4], "p", 200)
        members.append(f"{{\n    %p = xcs_llm.prompt_template #ask (%q)\n    {call}\n"
                       f"    xcs_llm.yield %r : {TEXT}\n  }}")
    out.append(f"  %e{group} = xcs_llm.ensemble all -> tensor<{calls}x{TEXT}> " + ", ".join(members))


def add_chains(out, group, calls):
    """Chains of up to six calls, each improving on the one before."""
    last = []
    for i in range(calls):
        before = f"a{group}_{i - 1}" if i % 6 else "q"
        out.append(f"  %p{group}_{i} = xcs_llm.prompt_template #improve (%q, %{before})")
        out.append("  " + generate(f"a{group}_{i}", MODELS[i % 3], f"p{group}_{i}", 150))
        if i % 6 == 5 or i == calls - 1:
            last.append(f"%a{group}_{i}")
    return last


def main():
    total = int(sys.argv[1])
    groups = max(1, total // 20)
    out = ['#ask = "Answer step by step: {question}"',
           '#judge = "Which of these answers is right?\\n{answers}"',
           '#improve = "Improve this answer to {question}: {answer}"',
           f'func.func @research(%q: {TEXT} {{xcs_llm.name = "question", xcs_llm.tokens = 120 : i64}})'
           f' -> ({TEXT} {{xcs_llm.name = "answer"}}) {{']
    judged = []
    for group in range(groups):
        calls = (total - 1) // groups + (group < (total - 1) % groups) - 1
        if group % 3 == 1:
            add_ensemble(out, group, calls)
            size = calls
        else:
            answers = (add_chains if group % 3 else add_samples)(out, group, calls)
            size = len(answers)
            out.append(f"  %e{group} = tensor.from_elements {', '.join(answers)} : tensor<{size}x{TEXT}>")
        out.append(f"  %j{group} = xcs_llm.prompt_template #judge (%e{group} : tensor<{size}x{TEXT}>)")
        out.append("  " + generate(f"best{group}", "gpt-4o", f"j{group}", 300))
        judged.append(f"%best{group}")
    out.append(f"  %all = tensor.from_elements {', '.join(judged)} : tensor<{groups}x{TEXT}>")
    out.append(f"  %last = xcs_llm.prompt_template #judge (%all : tensor<{groups}x{TEXT}>)")
    out.append("  " + generate("answer", "o1-mini", "last", 800))
    out.append(f"  return %answer : {TEXT}\n}}")
    print("\n".join(out))


main()
