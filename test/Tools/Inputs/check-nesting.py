# Runs every pass, and the exporter, over regions nested 1,000 deep.

import os
import subprocess
import sys

opt, translate, scratch = sys.argv[1:]
kinds = ["chain", "batch", "cascade", "ensemble", "conditional"]
attributes = ["list", "dictionary", "type", "function-type"]
passes = [
    "--canonicalize", "--cse", "--inline", "--sccp", "--symbol-dce", "--remove-dead-values",
    "--control-flow-sink", "--loop-invariant-code-motion", "--mem2reg", "--sroa",
    "--strip-debuginfo", "--topological-sort", "--xcs-batch-prompts",
]
nest = os.path.join(os.path.dirname(__file__), "nest.py")


def run(*command):
    result = subprocess.run(command, stderr=subprocess.PIPE)
    if result.returncode:
        sys.exit(f"{' '.join(command)}: exit {result.returncode}\n{result.stderr.decode()[:2000]}")


def make(kind, depth):
    source = f"{scratch}.{kind}"
    with open(source, "w") as file:
        subprocess.run([sys.executable, nest, kind, str(depth)], stdout=file, check=True)
    return source


for kind in kinds:
    source = make(kind, 1000)
    run(opt, "--mlir-print-op-generic", source, "-o", source + ".generic")
    run(opt, "--emit-bytecode", source, "-o", source + ".bytecode")
    for form in (source, source + ".generic", source + ".bytecode"):
        run(opt, form, "-o", source + ".out")
    for each in passes:
        run(opt, source, each, "-o", source + ".out")
    run(translate, "--xcs-to-schedule", source, "-o", source + ".json")
for kind in attributes:
    run(opt, make(kind, 1000), "--canonicalize", "-o", os.devnull)
