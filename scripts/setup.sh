#!/bin/sh
# Installs what is missing on Debian 12 and builds into build/. Where all is
# installed it needs no network, and touches nothing.
# Usage: scripts/setup.sh [tests]   with `tests`, also what only tests use
set -eu
cd "$(dirname "$0")/.."

fail() {
  echo "setup: $*" >&2
  exit 1
}

packages="cmake ninja-build g++ python3 libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools
nlohmann-json3-dev libvalijson-dev libre2-dev libcurl4-openssl-dev libsqlite3-dev libzstd-dev zlib1g-dev
libgtest-dev"

# A tool counts as there wherever it comes from, a library if its package is.
is_installed() {
  case $1 in
    cmake | g++ | python3) command -v "$1" >/dev/null 2>&1 ;;
    ninja-build) command -v ninja >/dev/null 2>&1 ;;
    coinor-cbc) { command -v cbc || command -v glpsol; } >/dev/null 2>&1 ;;
    graphviz) command -v dot >/dev/null 2>&1 ;;
    chromium)
      { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null 2>&1 ;;
    *) [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ;;
  esac
}

list_missing() {
  for package in "$@"; do
    is_installed "$package" || printf ' %s' "$package"
  done
}

# Installs packages, or says in $reason why it cannot.
install_packages() {
  reason="there is no apt-get to install them with"
  command -v apt-get >/dev/null 2>&1 || return 1
  as_root=
  if [ "$(id -u)" -ne 0 ]; then
    reason="install them as root"
    command -v sudo >/dev/null 2>&1 || return 1
    as_root=sudo
  fi
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  { $as_root apt-get -qq update &&
    $as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get -qq -y install --no-install-recommends "$@"; } >"$log" 2>&1 && return
  reason=$(grep -m1 '^E:' "$log" || tail -n1 "$log")
  return 1
}

# The server of models that xcs-run is tested against, from npm into build/aimock.
install_aimock() {
  reason="it needs npm and Node.js 20"
  command -v npm >/dev/null 2>&1 && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || return 1
  mkdir -p build/aimock
  # What is there is of this version.
  cmp -s test/Runtime/Inputs/aimock/package-lock.json build/aimock/installed && return
  cp test/Runtime/Inputs/aimock/package*.json test/Runtime/Inputs/aimock/.npmrc build/aimock/
  echo "setup: installing aimock" >&2
  reason="npm could not install it"
  (cd build/aimock && npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1) || return 1
  cp test/Runtime/Inputs/aimock/package-lock.json build/aimock/installed
}

missing=$(list_missing $packages)
if [ -n "$missing" ]; then
  echo "setup: installing$missing" >&2
  install_packages $missing || fail "missing packages:$missing ($reason)"
fi

# Tests that need these are skipped without them.
if [ "${1:-}" = tests ]; then
  missing=$(list_missing chromium coinor-cbc graphviz)
  if [ -n "$missing" ]; then
    echo "setup: installing$missing" >&2
    install_packages $missing || echo "setup: tests will be skipped for want of$missing ($reason)" >&2
  fi
  install_aimock || echo "setup: tests will be skipped for want of the server aimock ($reason)" >&2
fi

cmake_version=$(cmake --version | sed -n 's/^cmake version \([0-9.]*\).*/\1/p')
oldest=$(printf '3.20\n%s\n' "$cmake_version" | sort -V | head -n1)
[ "$oldest" = 3.20 ] || fail "CMake must be 3.20 or newer (got $cmake_version)"

launcher=$(command -v ccache || true)
log=build/configure.log
mkdir -p build
cmake -G Ninja -B build -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=ON \
  -DCMAKE_C_COMPILER_LAUNCHER="$launcher" -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" >"$log" 2>&1 ||
  { cat "$log" >&2; fail "could not configure"; }
ninja -C build >&2 || fail "could not build"
