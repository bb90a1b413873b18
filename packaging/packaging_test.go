// Package packaging tests what stands beside a release.
package packaging

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// manifest is what krew reads: https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/
type manifest struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   struct{ Name string }
	Spec       struct {
		Version, Homepage, Description, Caveats string
		ShortDescription                        string `yaml:"shortDescription"`
		Platforms                               []platform
	}
}

type platform struct {
	Selector struct {
		MatchLabels struct{ OS, Arch string } `yaml:"matchLabels"`
	}
	URI, SHA256, Bin string
	Files            []struct{ From, To string }
}

// TestManifest installs the plugin as krew does: from the release whose manifest GWDOCTOR_KREW names (.ci/release),
// else from one that is made up.
func TestManifest(t *testing.T) {
	file := cmp.Or(os.Getenv("GWDOCTOR_KREW"), madeUp(t, "1.2.3"))
	m := read(t, file)
	if m.APIVersion != "krew.googlecontainertools.github.com/v1alpha2" || m.Kind != "Plugin" ||
		m.Metadata.Name != "gwdoctor" || !strings.HasPrefix(m.Spec.Version, "v") || len(m.Spec.ShortDescription) > 50 ||
		!strings.Contains(m.Spec.Caveats, "kubectl_complete-gwdoctor") {
		t.Errorf("%+v", m)
	}
	seen := map[string]bool{}
	for _, p := range m.Spec.Platforms {
		name := p.Selector.MatchLabels.OS + "/" + p.Selector.MatchLabels.Arch
		seen[name] = true
		installed := install(t, p, filepath.Dir(file))
		if name == runtime.GOOS+"/"+runtime.GOARCH {
			runs(t, installed)
		}
	}
	for _, name := range []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"} {
		if !seen[name] {
			t.Errorf("the manifest lacks %s", name)
		}
	}
}

// TestManifestOfHalfARelease: without one of the archives there is no manifest.
func TestManifestOfHalfARelease(t *testing.T) {
	folder := filepath.Dir(madeUp(t, "1.2.3"))
	sums := filepath.Join(folder, "checksums.txt")
	data, err := os.ReadFile(sums)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "\n")
	if err := os.WriteFile(sums, []byte(rest), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("./krew.sh", "1.2.3", sums, filepath.Join(folder, "half.yaml")).CombinedOutput()
	if left, _ := filepath.Glob(filepath.Join(folder, "half*")); err == nil || len(left) > 0 {
		t.Errorf("%v, left %q: %s", err, left, out)
	}
}

// read reads a manifest, and fails at a key that krew does not know.
func read(t *testing.T, file string) (m manifest) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&m); err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	return m
}

// madeUp is the manifest of a release whose program is a script that says how it was called.
func madeUp(t *testing.T, version string) string {
	t.Helper()
	folder := t.TempDir()
	var sums strings.Builder
	for _, on := range []string{"linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"} {
		name := "gwdoctor_" + version + "_" + on
		data := archive(t, map[string]string{name + "/gwdoctor": "#!/bin/sh\necho \"$(basename \"$0\") $*\"\n",
			name + "/LICENSE": "Apache-2.0"})
		if err := os.WriteFile(filepath.Join(folder, name+".tar.gz"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&sums, "%x  %s.tar.gz\n", sha256.Sum256(data), name)
	}
	file := filepath.Join(folder, "checksums.txt")
	if err := os.WriteFile(file, []byte(sums.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	made := filepath.Join(folder, "gwdoctor.yaml")
	if out, err := exec.Command("./krew.sh", version, file, made).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return made
}

func archive(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	w := tar.NewWriter(zipped)
	for name, text := range files {
		err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(text))})
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	zipped.Close()
	return out.Bytes()
}

// install copies what the manifest names out of the archive that lies beside it, and returns the plugin.
func install(t *testing.T, p platform, release string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(release, path.Base(p.URI)))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(data)); got != p.SHA256 {
		t.Errorf("%s: sha256 %s, the manifest says %s", p.URI, got, p.SHA256)
	}
	folder := t.TempDir()
	for _, f := range p.Files {
		text := member(t, data, f.From)
		if err := os.WriteFile(filepath.Join(folder, f.To, path.Base(f.From)), text, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	bin := filepath.Join(folder, p.Bin)
	if s, err := os.Stat(bin); err != nil || s.Size() == 0 {
		t.Errorf("%s installs no %s: %v", p.URI, p.Bin, err)
	}
	return bin
}

// member reads one file of an archive.
func member(t *testing.T, data []byte, name string) []byte {
	t.Helper()
	zipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(zipped); ; {
		h, err := r.Next()
		if err != nil {
			t.Fatalf("the archive has no %s: %v", name, err)
		}
		if h.Name == name {
			text, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
	}
}

// runs calls the plugin by the names of it that kubectl looks for in the PATH: a link to it, and, for completion, a
// link to that link.
func runs(t *testing.T, bin string) {
	t.Helper()
	folder := t.TempDir()
	plugin, complete := filepath.Join(folder, "kubectl-gwdoctor"), filepath.Join(folder, "kubectl_complete-gwdoctor")
	if err := os.Symlink(bin, plugin); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("kubectl-gwdoctor", complete); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ program, argument, says string }{
		{plugin, "version", "gwdoctor"}, {complete, "diag", "diag"},
	} {
		out, err := exec.Command(tt.program, tt.argument).Output()
		if err != nil || !strings.Contains(string(out), tt.says) {
			t.Errorf("%s %s: %v: %s", filepath.Base(tt.program), tt.argument, err, out)
		}
	}
}
