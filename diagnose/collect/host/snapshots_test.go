package host

import (
	"os"
	"path/filepath"
	"testing"
)

// TestOnlyHolder: a snapshot is the container's where no other has what the container has changed.
func TestOnlyHolder(t *testing.T) {
	place := t.TempDir()
	for _, path := range []string{"1/fs/bin/sh", "7/fs/core", "7/fs/tmp/a", "8/fs/core", "9/fs/tmp/a", "12/fs/srv/b"} {
		at := filepath.Join(place, path)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc", filepath.Join(place, "12/fs/etc")); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		changes []Change
		want    string
	}{
		"both paths":    {[]Change{{"/core", 1}, {"/tmp/a", 1}, {"/gone", 2}, {"/tmp", 0}}, "7"},
		"two have it":   {[]Change{{"/core", 1}}, ""},
		"one has it":    {[]Change{{"/srv/b", 1}}, "12"},
		"none has it":   {[]Change{{"/core", 1}, {"/srv/b", 1}}, ""},
		"nothing new":   {[]Change{{"/tmp", 0}, {"/gone", 2}}, ""},
		"behind a link": {[]Change{{"/etc/passwd", 1}}, ""},
	} {
		want := ""
		if test.want != "" {
			want = filepath.Join(place, test.want, "fs")
		}
		if got := OnlyHolder(t.Context(), []string{"/nonexistent", place}, test.changes); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
