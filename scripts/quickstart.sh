#!/bin/sh
# Sets up, then optimises a program and writes its schedule.
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

xcs-opt "$program" --xcs-optimize --xcs-report --xcs-report-file="$out/report.txt" -o "$out/after.mlir"
xcs-translate "$out/after.mlir" --xcs-to-schedule -o "$out/schedule.json"

echo "--- $program"
cat "$program"
echo
echo "--- after xcs-opt --xcs-optimize"
cat "$out/after.mlir"
echo "--- what was gained"
cat "$out/report.txt"
echo "schedule: $out/schedule.json"
