#!/bin/sh
# Makes docs/generated from ODS, or the folder given as second argument.
# Usage: scripts/docs.sh [MLIR_TBLGEN [FOLDER]]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
tblgen=${1:-/usr/lib/llvm-22/bin/mlir-tblgen}
out=${2:-$root/docs/generated}
includes="-I $root/include -I $(dirname "$tblgen")/../include"
mkdir -p "$out"
"$tblgen" $includes -gen-dialect-doc -dialect=xcs_llm \
  "$root/include/XcsLLM/Dialect/XcsLLMOps.td" -o "$out/Dialect.md"
"$tblgen" $includes -gen-op-interface-docs \
  "$root/include/XcsLLM/Dialect/XcsLLMInterfaces.td" -o "$out/Interfaces.md"
"$tblgen" $includes -gen-pass-doc "$root/include/XcsLLM/Transforms/Passes.td" -o "$out/Passes.md"
