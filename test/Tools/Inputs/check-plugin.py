# Runs every program through upstream passes and ours in a stock mlir-opt.

import glob
import os
import subprocess
import sys

mlir_opt, plugin, folder = sys.argv[1:]
pipelines = [
    "cse,canonicalize,sccp,symbol-dce",
    "inline,remove-dead-values,func.func(control-flow-sink,loop-invariant-code-motion)",
    "xcs-batch-prompts",
    "cse,canonicalize,xcs-batch-prompts,canonicalize",
]
programs = sorted(glob.glob(os.path.join(folder, "*.mlir")))
assert programs, "no programs"
for program in programs:
    for passes in pipelines:
        subprocess.run(
            [mlir_opt, f"--load-dialect-plugin={plugin}", program, "-o", os.devnull,
             f"--pass-pipeline=builtin.module({passes})"], check=True)
