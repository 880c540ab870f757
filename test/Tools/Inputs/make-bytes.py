# Makes the inputs that are no plain text.

import os
import sys

folder = sys.argv[1]


def write(name, content):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(content)


def program(prompt):
    return b'func.func @f() -> !xcs_llm.text { %p = xcs_llm.text "' + prompt + b'" return %p : !xcs_llm.text }\n'


write("raw.mlir", program(b"a\xffb"))
write("truncated.mlirbc", b"ML\xefR\x0dMLIR\x00")
write("large.mlir", program("Grüße ".encode() * (10 * 2**20 // 8)))
