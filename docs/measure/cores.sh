#!/bin/sh
# Times gwdoctor (built as it is released), gdb and eu-stack on the same cores, in turn, in
# one run: wall clock, processor time, peak memory. Needs python3, gdb, elfutils, zstd, lz4,
# GNU time, a relative kernel.core_pattern, and 4 GB in $TMPDIR.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
(cd "$here" && CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$work/gwdoctor" ./cmd/gwdoctor)
mkdir empty
python=$(readlink -f "$(command -v /usr/bin/python3 || command -v python3)")
cat >dense.py <<'PY'
import ctypes, os, sys
keep = [os.urandom(1 << 20) for _ in range(int(sys.argv[1]))]
ctypes.string_at(0)
PY
cat >sparse.py <<'PY'
import ctypes, mmap
keep = mmap.mmap(-1, 2 << 30)
ctypes.string_at(0)
PY
dump() { (ulimit -c unlimited; "$python" "$@") >/dev/null 2>&1 || true; mv core* "$name"; }
name=dense-100 dump dense.py 100
name=dense-1000 dump dense.py 1000
name=sparse-2000 dump sparse.py
zstd -q -3 dense-100 -o dense-100.zst || true
lz4 -q dense-100 dense-100.lz4 || true
gzip -1 -k dense-100
# timed LABEL COMMAND...: the median wall clock of nine runs, and processor time and
# peak memory of one more.
timed() {
	label=$1; shift
	for _ in 1 2 3 4 5 6 7 8 9; do
		begin=$(date +%s%N); "$@" >/dev/null 2>&1; echo $(($(date +%s%N) - begin))
	done | sort -n | sed -n 5p | awk -v l="$label" '{printf "%s: %.1f ms wall, ", l, $1/1e6}'
	/usr/bin/time -f "%U+%S s processor, %M kB" "$@" 2>&1 >/dev/null | tail -1
}
for core in dense-100 dense-1000 sparse-2000 dense-100.zst dense-100.lz4 dense-100.gz; do
	[ -e "$core" ] || continue
	timed "$core facts and Python" ./gwdoctor cores --sysroot empty "$core"
	timed "$core native stacks too" ./gwdoctor cores "$core"
	case $core in *.*) continue ;; esac
	timed "$core gdb" gdb -batch -nx -iex 'set debuginfod enabled off' -ex bt "$python" "$core"
	timed "$core eu-stack" eu-stack --core "$core" -e "$python"
done
timed "version" ./gwdoctor version
timed "an empty program" /bin/true
