#!/bin/sh
# Sets up, builds and runs every test. Ends with ctest's count; fails if a test
# does, or if none ran.
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh tests
ctest --test-dir build --no-tests=error --output-on-failure -j "$(nproc)"
