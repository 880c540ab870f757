# Prints a program that nests something so many times.

import sys

kind, depth = sys.argv[1], int(sys.argv[2])
text = "!xcs_llm.text"

# How a region of each kind opens, around a value of the region within, and closes.
regions = {
    "chain": ("xcs_llm.chain -> {t} {{", "}}"),
    "batch": ("xcs_llm.batch (%i{n} in %list{n} : tensor<2x{t}>) -> tensor<2x{t}> {{", "}}"),
    "cascade": ("xcs_llm.cascade -> {t} {{", "}}, {{\n xcs_llm.yield %p : {t}\n}}"),
    "ensemble": ("xcs_llm.ensemble first -> {t} {{", "}}, {{\n xcs_llm.yield %p : {t}\n}}"),
    "conditional": ("xcs_llm.conditional %c -> {t} {{", "}} else {{\n xcs_llm.yield %p : {t}\n}}"),
}
attributes = {
    "list": ("[", "1", "]"),
    "dictionary": ("{a = ", "1", "}"),
    "type": ("tuple<", "i1", ">"),
    "function-type": ("() -> (", "i1", ")"),
}


def print_regions(opening, closing):
    # Batches give lists: each runs over a list of the item around it, and its
    # first result goes on.
    of_list = kind == "batch"
    item, result = ("%p", "%v{}x") if of_list else ("%p", "%v{}")
    print(f"func.func @nested(%p: {text}, %c: i1) -> {text} {{")
    print("%zero = arith.constant 0 : index")
    for n in range(depth):
        if of_list:
            print(f"%list{n} = tensor.from_elements {item}, %p : tensor<2x{text}>")
            item = f"%i{n}"
        print(f"%v{n} = " + opening.format(t=text, n=n))
    print(f'{result.format(depth)} = xcs_llm.generate "gpt-4o" ({item}) : {text}')
    for n in range(depth, 0, -1):
        print(f"xcs_llm.yield {result.format(n)} : {text}")
        print(closing.format(t=text))
        if of_list:
            print(f"%v{n - 1}x = tensor.extract %v{n - 1}[%zero] : tensor<2x{text}>")
    print(f"return {result.format(0)} : {text}\n}}")


if kind in regions:
    print_regions(*regions[kind])
else:
    opening, core, closing = attributes[kind]
    print("module attributes {test.nested = " + opening * depth + core + closing * depth + "} {}")
