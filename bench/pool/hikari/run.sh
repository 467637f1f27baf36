#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh PROGRAM: our pool (majed_pool_bench) and HikariCP over equal stubs, one after the other for each shape, side by
# side. Needs a JDK and the packages libhikaricp-java and libslf4j-java; without them it says so and ends well.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=$(realpath "${1:?the benchmark program is missing}")

readonly jars=/usr/share/java
readonly shapes=("16 1" "16 2" "16 8" "32 8" "32 32")
classpath=$jars/HikariCP.jar:$jars/slf4j-api.jar:$jars/slf4j-nop.jar:$jars/javassist.jar

if ! command -v javac >/dev/null || [[ ! -e $jars/HikariCP.jar || ! -e $jars/slf4j-nop.jar ]]; then
    echo "HikariCP is not compared: it needs a JDK, libhikaricp-java and libslf4j-java"
    exit 0
fi
classes=$(mktemp -d)
trap 'rm -rf "$classes"' EXIT
java "$here/StubConnectionWriter.java" >"$classes/StubConnection.java"
javac -nowarn -cp "$classpath" -d "$classes" "$classes/StubConnection.java" "$here"/{StubSource,HikariBench}.java 2>&1 |
    grep -v '^Note:' || true

# Each line: wall time per turn of the whole program, processor time per turn. Nanoseconds.
ours() {
    "$program" --benchmark_format=csv --benchmark_min_time=1 \
        --benchmark_filter="^connection_pool/sessions:$1/.*/threads:$2\$" 2>/dev/null |
        awk -F, '/^"connection_pool/ {printf "%.1f %.1f\n", $3, $4}'
}
theirs() { java -cp "$classpath:$classes" HikariBench "$1" "$2" | awk '{print $2, $4}'; }

printf '%-9s %-8s %14s %14s %14s %14s\n' sessions threads 'ours wall ns' 'hikari wall' 'ours cpu ns' 'hikari cpu'
for shape in "${shapes[@]}"; do
    read -r sessions threads <<<"$shape"
    read -r our_wall our_cpu <<<"$(ours "$sessions" "$threads")"
    read -r their_wall their_cpu <<<"$(theirs "$sessions" "$threads")"
    printf '%-9s %-8s %14s %14s %14s %14s\n' "$sessions" "$threads" "$our_wall" "$their_wall" "$our_cpu" "$their_cpu"
done
