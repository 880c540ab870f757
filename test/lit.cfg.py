# Configuration of the tests: what a RUN line may use.

import os
import shutil
import sys

import lit.formats
from lit.llvm import llvm_config
from lit.llvm.subst import ToolSubst

config.name = "XcsLLM"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.xcsllm_binary_dir, "test")

llvm_config.with_system_environment(["HOME", "TMP", "TEMP", "XCSLLM_PROGRAMS"])
llvm_config.with_environment("PATH", config.xcsllm_tools_dir, append_path=True)
llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)
llvm_config.add_tool_substitutions(
    ["xcs-opt", "xcs-run", "xcs-translate", "xcs-reduce", "execution-check", "run-check", "FileCheck", "not", "count", "split-file"],
    [config.xcsllm_tools_dir, config.llvm_tools_dir],
)

# The programs that tests read and never copy: a folder beside the project.
programs = os.environ.get("XCSLLM_PROGRAMS") or os.path.join(
    config.xcsllm_source_dir, "..", "shared", "programs"
)
if os.path.isdir(programs):
    config.available_features.add("programs")
elif lit_config.debug:
    lit_config.note("no folder of programs: tests that need it are unsupported")

# What opens report pages.
browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if browser:
    config.available_features.add("browser")
    config.substitutions.append(("%browser", browser))
# A server of models, where scripts/setup.sh could install it.
aimock = os.path.join(config.xcsllm_binary_dir, "aimock")
if os.path.exists(os.path.join(aimock, "installed")) and shutil.which("node"):
    config.available_features.add("aimock")
    program = os.path.join(aimock, "node_modules", "@copilotkit", "aimock", "dist", "aimock-cli.js")
    config.substitutions.append(("%aimock", program))
elif lit_config.debug:
    lit_config.note("no aimock: tests that need it are unsupported")
dot = shutil.which("dot")
if dot:
    config.available_features.add("dot")

config.substitutions += [
    ("%programs", os.path.abspath(programs)),
    ("%python", sys.executable),
    ("%mlir_opt", os.path.join(config.llvm_tools_dir, "mlir-opt")),
    ("%mlir_tblgen", os.path.join(config.llvm_tools_dir, "mlir-tblgen")),
    ("%plugin", os.path.join(config.xcsllm_libs_dir, "XcsLLMPlugin.so")),
    ("%schedule-check", os.path.join(config.xcsllm_tools_dir, "schedule-check")),
    ("%xcsllm_source", config.xcsllm_source_dir),
    ("%xcsllm_binary", config.xcsllm_binary_dir),
]
