#!/usr/bin/env bash
# Measures gwdoctor oom against grep -cE on the same kernel logs, in turn and in one
# go, and holds what it finds against the generator's answers. Run it on a quiet
# machine from the root of the repository:
#
#	docs/measure/kernel-log.sh [RUNS] [FOLDER]
#
# It needs ../shared/tools (genlog, oom-patterns.ere), 3 GB in FOLDER, and grep.
set -euo pipefail
cd "$(dirname "$0")/../.."
runs=${1:-7} folder=${2:-/tmp/gwdoctor-measure} tools=../shared/tools
[ -d "$tools/genlog" ] || { echo "skipped: there is no $tools/genlog here" >&2; exit 0; }
mkdir -p "$folder"
go build -o "$folder/genlog" "$tools/genlog/main.go"
CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$folder/gwdoctor" ./cmd/gwdoctor
make_log() { [ -e "$folder/$1" ] || "$folder/genlog" -size "$2" -fmt "$3" -o "$folder/$1" -truth "$folder/$1.truth" >/dev/null; }
make_log text-200 200 dmesg
make_log json-200 200 json
make_log text-2000 2000 dmesg
# journalctl 252 prints the fields of each record in an order of its own.
[ -e "$folder/json-shuffled" ] || python3 - "$folder/json-200" >"$folder/json-shuffled" <<'PY'
import json, random, sys
random.seed(1)
for line in open(sys.argv[1]):
    fields = list(json.loads(line).items())
    random.shuffle(fields)
    print(json.dumps(dict(fields), separators=(",", ":"), ensure_ascii=False))
PY
cp "$folder/json-200.truth" "$folder/json-shuffled.truth"
export DOCKER_HOST=unix:///no-such.sock # names are not what is measured

# seconds COMMAND...: wall clock of one run. Not into /dev/null: grep then stops at the first hit.
seconds() {
  local begin
  begin=$(date +%s%N)
  "$@" >"$folder/out"
  awk -v ns=$(($(date +%s%N) - begin)) 'BEGIN {printf "%.4f\n", ns / 1e9}'
}
median() { sort -n | awk '{v[NR]=$1} END {print v[int((NR+1)/2)]}'; }
oom() { GOMAXPROCS=$1 seconds "$folder/gwdoctor" oom --file "$folder/$2" --format json; }
count() { seconds grep -cE -f "$tools/oom-patterns.ere" "$folder/$1"; }

for log in text-200 json-200 json-shuffled; do
  : >"$folder/one"; : >"$folder/two"; : >"$folder/grep"
  cat "$folder/$log" >/dev/null
  for _ in $(seq "$runs"); do
    count "$log" >>"$folder/grep"; oom 1 "$log" >>"$folder/one"; oom 2 "$log" >>"$folder/two"
  done
  g=$(median <"$folder/grep") one=$(median <"$folder/one") two=$(median <"$folder/two")
  awk -v l="$log" -v g="$g" -v o="$one" -v t="$two" 'BEGIN {printf "%s: grep -cE %.3f s; gwdoctor oom %.3f s on one core (%.2f x), %.3f s on two (%.2f x)\n", l, g, o, g/o, t, g/t}'
done
small=$(for _ in $(seq "$runs"); do oom 2 text-200; done | median) large=$(for _ in 1 2 3; do oom 2 text-2000; done | median)
awk -v s="$small" -v l="$large" 'BEGIN {printf "2 GB: %.2f s, %.1f times the 200 MB\n", l, l/s}'
for log in text-200 json-200 text-2000; do
  /usr/bin/time -f "$log: peak memory %M kB" "$folder/gwdoctor" oom --file "$folder/$log" --format json >/dev/null
done
for log in text-200 json-200 json-shuffled; do
  GWDOCTOR_KERNEL_LOG=$(realpath "$folder/$log") go test -count 1 -run TestGeneratedLog -v ./diagnose/read/kernellog | grep -E '^(ok|FAIL|---)|grades'
done
echo "reader alone, in this process:"
GWDOCTOR_KERNEL_LOG=$(realpath "$folder/text-200") go test -count 1 -run xxx -bench 'Read/generated' ./diagnose/read/kernellog | grep Benchmark
