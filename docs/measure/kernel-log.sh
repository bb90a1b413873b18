#!/usr/bin/env bash
# Measures gwdoctor oom against grep -cE on the same kernel logs, in turn and in one
# go, and holds what it finds against the generator's answers. Run it on a quiet
# machine from the root of the repository:
#
#	docs/measure/kernel-log.sh [RUNS] [FOLDER]
#
# It needs 3 GB in FOLDER, python3 and GNU grep.
set -euo pipefail
cd "$(dirname "$0")/../.."
runs=${1:-7} folder=${2:-/tmp/gwdoctor-measure}
mkdir -p "$folder"
go build -o "$folder/genlog" ./docs/measure/genlog
CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$folder/gwdoctor" ./cmd/gwdoctor
make_log() { [ -e "$folder/$1" ] || "$folder/genlog" -size "$2" -format "$3" -o "$folder/$1" -truth "$folder/$1.truth" >/dev/null; }
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
oom() { GOMAXPROCS=1 seconds "$folder/gwdoctor" oom --file "$folder/$1" --format json; }
count() { seconds grep -cE -f docs/measure/oom-patterns.ere "$folder/$1"; }

for log in text-200 json-200 json-shuffled; do
  : >"$folder/one"; : >"$folder/grep"
  cat "$folder/$log" >/dev/null
  for _ in $(seq "$runs"); do
    count "$log" >>"$folder/grep"; oom "$log" >>"$folder/one"
  done
  g=$(median <"$folder/grep") one=$(median <"$folder/one")
  awk -v l="$log" -v g="$g" -v o="$one" 'BEGIN {printf "%s: grep -cE %.3f s; gwdoctor oom %.3f s (%.2f x)\n", l, g, o, g/o}'
done
if command -v jq >/dev/null; then
  printf 'json-200: jq -c . %s s\n' "$(seconds jq -c . "$folder/json-200")"
fi
small=$(for _ in $(seq "$runs"); do oom text-200; done | median) large=$(for _ in 1 2 3; do oom text-2000; done | median)
awk -v s="$small" -v l="$large" 'BEGIN {printf "2 GB: %.2f s, %.1f times the 200 MB\n", l, l/s}'
for log in text-200 json-200 text-2000; do
  /usr/bin/time -f "$log: peak memory %M kB" "$folder/gwdoctor" oom --file "$folder/$log" --format json >/dev/null
done
for log in text-200 json-200 json-shuffled; do
  "$folder/gwdoctor" oom --file "$folder/$log" --format json >"$folder/out"
  python3 - "$folder/out" "$folder/$log.truth" "$log" <<'PY'
import json, sys
kills, truth = json.load(open(sys.argv[1]))["kills"], json.load(open(sys.argv[2]))["KillList"]
def is_right(k, t):
    # The members of a group kill are only known to live in the group or below.
    told, true = k.get("taskCgroup", ""), t.get("task_memcg", "")
    known = told == true or k["attribution"] == "group" and true.startswith(told)
    return known and (k["pid"], k["comm"]) == (t["pid"], t["comm"])
right = sum(map(is_right, kills, truth))
print(f"{sys.argv[3]}: {right} of {len(truth)} kills right, {len(kills)} reported")
PY
done
echo "reader alone, in this process:"
go test -count 1 -run xxx -bench 'Read/generated' ./diagnose/read/kernellog | grep Benchmark
