#!/usr/bin/env bash
# Compares what two builds say of every fixture: the incidents, the traps, and each moment of the records. A refit must
# leave no difference; what a change of a rule brings about stands in the diff. From the root of the repository:
#
#	docs/measure/same-verdicts.sh BASE [FOLDER...]
#
# BASE is a commit; the build of it is held against the working tree's. FOLDERs of further bundles are compared, too.
# Exit: 0 nothing differs, 1 something does (the diff is printed), 2 wrong usage. It needs jq.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -ge 1 ] || { echo "usage: $0 BASE [FOLDER...]" >&2; exit 2; }
base=$1; shift
work=$(mktemp -d)
trap 'git worktree remove --force "$work/tree" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
git worktree add --quiet --detach "$work/tree" "$base"
(cd "$work/tree" && go build -o "$work/before.bin" ./cmd/gwdoctor)
go build -o "$work/after.bin" ./cmd/gwdoctor
go run ./docs/measure/records "$work/records"

# say BINARY OUTPUT: the diagnosis of every bundle as JSON and as text, less what differs by nature.
say() {
	mkdir "$work/$2"
	local b n=0
	for b in fixtures/incidents/*/ fixtures/traps/*.tar.gz "$work"/records/* "${folders[@]}"; do
		n=$((n + 1))
		{
			echo "$(basename "$b")"
			"$1" diagnose --bundle "$b" --format json 2>&1 | jq -S 'del(.generatedAt, .tool.version)' || true
			"$1" diagnose --bundle "$b" --color never 2>&1 || true
		} >"$work/$2/$(printf %04d $n)"
	done
	echo "$n"
}
folders=()
for f in "$@"; do folders+=("$f"/*); done
say "$work/before.bin" before >/dev/null
n=$(say "$work/after.bin" after)
if diff -r "$work/before" "$work/after"; then echo "$n bundles: both builds say the same"; else exit 1; fi
