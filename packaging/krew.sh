#!/bin/sh
# Writes the manifest of the kubectl plugin for krew's index, from the release's checksums. goreleaser.yaml has it made
# of each release, as an asset of it:
#
#   packaging/krew.sh 1.2.3 dist/checksums.txt dist/gwdoctor.yaml
#   kubectl krew install --manifest=gwdoctor.yaml
set -eu
version=$1
sums=$2
manifest=$3
trap 'rm -f "$manifest.new"' EXIT # half a manifest would be a wrong one
exec >"$manifest.new"

cat <<X
apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: gwdoctor
spec:
  version: v$version
  homepage: https://github.com/gwdoctor/gwdoctor
  shortDescription: Say why a pod died or went silent
  description: |
    Collects what the API server and the kubelet still know of a pod, holds it
    against ten known root causes, and prints them ranked, with the evidence
    for and against each and how to fix it. It only reads.
  caveats: |
    Completion of "kubectl gwdoctor" takes one more name of it in the PATH:
      ln -s kubectl-gwdoctor "\${KREW_ROOT:-\$HOME/.krew}/bin/kubectl_complete-gwdoctor"
  platforms:
X
for os in linux darwin; do
	for arch in amd64 arm64; do
		folder=gwdoctor_${version}_${os}_${arch}
		sum=$(awk -v f="$folder.tar.gz" '$2 == f { print $1 }' "$sums")
		[ -n "$sum" ] || { echo "krew.sh: $sums has no $folder.tar.gz" >&2; exit 1; }
		cat <<X
    - selector: {matchLabels: {os: $os, arch: $arch}}
      uri: https://github.com/gwdoctor/gwdoctor/releases/download/v$version/$folder.tar.gz
      sha256: $sum
      bin: gwdoctor
      files:
        - {from: $folder/gwdoctor, to: .}
        - {from: $folder/LICENSE, to: .}
X
	done
done
mv "$manifest.new" "$manifest"
