#!/usr/bin/env bash
# Builds what is needed and measures; the arguments are in benchmarks/README.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec mvn -q -ntp -DskipTests -pl benchmarks -am -Pmeasure package "-Dbenchmark.arguments=$*" "-Dbenchmark.jvm=${BENCHMARK_JVM:--Xmx4g}"
