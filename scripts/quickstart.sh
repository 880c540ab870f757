#!/bin/sh
# Sets up, then batches a program's prompts and writes its schedule.
# Usage: scripts/quickstart.sh [FILE]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
program=${1:-$root/examples/quickstart.mlir}
case $program in
  -*) echo "usage: scripts/quickstart.sh [FILE]" >&2; exit 2 ;;
esac
out=$root/build/quickstart
"$root/scripts/setup.sh"
mkdir -p "$out"
PATH=$root/build/bin:$PATH

xcs-opt "$program" -o "$out/before.mlir"
xcs-opt "$program" --xcs-batch-prompts -o "$out/after.mlir"
xcs-translate "$out/before.mlir" --xcs-to-schedule -o "$out/before.json"
xcs-translate "$out/after.mlir" --xcs-to-schedule -o "$out/schedule.json"

echo "--- $program"
cat "$program"
echo
echo "--- after xcs-opt --xcs-batch-prompts"
cat "$out/after.mlir"
echo "--- what was gained"
python3 "$root/scripts/gain.py" "$out/before.json" "$out/schedule.json"
echo "schedule: $out/schedule.json"
