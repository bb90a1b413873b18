#!/bin/sh
# Makes what goreleaser.yaml takes from build/packaging: which commit this is, and what packages hold beside the
# binary, the completions of each shell and the man pages, compressed as Debian wants them. The same commit gives the
# same bytes.
set -eu
cd "$(dirname "$0")/.."

out=build/packaging
rm -rf "$out"
mkdir -p "$out/completions" "$out/man"

git log -1 --format=%H >"$out/commit"
git log -1 --format=%ct >"$out/timestamp"
TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd >"$out/date"

CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$out/gwdoctor" ./cmd/gwdoctor
for shell in bash fish zsh; do
	"$out/gwdoctor" completion "$shell" >"$out/completions/gwdoctor.$shell"
done
rm "$out/gwdoctor"
cat >"$out/completions/kubectl_complete-gwdoctor" <<'X'
#!/bin/sh
# kubectl asks this program of the PATH what may follow "kubectl gwdoctor".
exec kubectl-gwdoctor __complete "$@"
X

for page in docs/man/*.1; do
	gzip -9 -n <"$page" >"$out/man/$(basename "$page").gz"
done
