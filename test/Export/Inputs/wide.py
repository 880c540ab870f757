"""wide.py <calls>: that many calls, each with a text of its own, and a vote of them all."""

import sys

calls = int(sys.argv[1])
print("func.func @wide(%q: !xcs_llm.text) -> !xcs_llm.text {")
print("%v = xcs_llm.ensemble majority -> !xcs_llm.text {")
for call in range(calls):
    print(f'%t = xcs_llm.text "Question {call}"')
    print('%p = xcs_llm.prompt_template "{t}: {q}" (%t, %q)')
    print('%r = xcs_llm.generate "m" (%p) : !xcs_llm.text')
    print("xcs_llm.yield %r : !xcs_llm.text }" + (", {" if call + 1 < calls else ""))
print("return %v : !xcs_llm.text }")
