"""nested.py <depth>: a call inside that many cascades."""

import sys

depth = int(sys.argv[1])
print("func.func @nested(%q: !xcs_llm.text) -> !xcs_llm.text {")
for level in range(depth):
    print(f"%r{level} = xcs_llm.cascade -> !xcs_llm.text {{")
print(f'%r{depth} = xcs_llm.generate "m" (%q) : !xcs_llm.text')
for level in reversed(range(depth)):
    print(f"xcs_llm.yield %r{level + 1} : !xcs_llm.text }}")
print("return %r0 : !xcs_llm.text }")
