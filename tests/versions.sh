#!/usr/bin/env bash
# The whole suite under Node 20, 24 and 26, those of `npm run nodes` and the one at hand. Each run ends with the
# tests that it has skipped, and why. What is named is run alone: tests/versions.sh tests/waiting.test.ts
set -uo pipefail
cd "$(dirname "$0")/.."

nodes=("$(command -v node)" tests/nodes/node_modules/node{24,26}/bin/node)
for node in "${nodes[@]}"; do
  printf '\n== Node %s\n' "$("$node" --version)" || exit
done
failed=()
for node in "${nodes[@]}"; do
  version=$("$node" --version)
  printf '\n== Node %s\n\n' "$version"
  "$node" node_modules/vitest/vitest.mjs run "$@" || failed+=("$version")
done
if ((${#failed[@]})); then
  printf '\nfailed on Node %s\n' "${failed[@]}"
  exit 1
fi
