package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// bundleFolder holds the bundles of an artifact.
const bundleFolder = "bundles"

// artifact is a folder of reports in the making. Everything is first written to a
// hidden folder beside its final place, so that a full disk or an interruption
// leaves no half of a file under a final name: publish only renames.
type artifact struct {
	dir, stage string
	made       bool // the folder is ours: it was not there before

	mu    sync.Mutex
	names map[string]bool // of bundles
	err   error           // the first bundle that could not be written
}

// openArtifact makes ready to write into a folder, before any work is done for it.
func openArtifact(dir string, force bool) (*artifact, error) {
	entries, err := os.ReadDir(dir)
	made := errors.Is(err, fs.ErrNotExist)
	switch {
	case made:
		err = os.MkdirAll(dir, 0o755)
	case err == nil && len(entries) > 0 && !force:
		return nil, &hinted{fmt.Errorf("write output folder %q: it is not empty", dir),
			[]string{"name a new folder, or let --force replace the report's files in it"}}
	}
	stage := ""
	if err == nil {
		stage, err = os.MkdirTemp(dir, ".gwdoctor-*")
	}
	if err != nil {
		if made {
			_ = os.Remove(dir) // only if it is empty
		}
		return nil, &hinted{fmt.Errorf("write output folder: %w", err),
			[]string{"name a folder that you may write to with --output-dir"}}
	}
	return &artifact{dir: dir, stage: stage, made: made, names: map[string]bool{}}, nil
}

// keep stores the bundle of a container that failed. Bundles are large, so each is
// written as soon as it is diagnosed.
func (x *artifact) keep(d answer.Diagnosis, b *bundle.Bundle) {
	if !d.Failed() {
		return
	}
	file := x.bundleName(d.Target.Name)
	err := os.MkdirAll(filepath.Join(x.stage, bundleFolder), 0o755)
	if err == nil {
		err = x.write(path.Join(bundleFolder, file), b.WriteTarGz)
	}
	if err != nil {
		x.mu.Lock()
		defer x.mu.Unlock()
		if x.err == nil {
			x.err = err
		}
	}
}

// fileName makes a file's name of a container's, which in a bundle of somebody else
// may be anything.
func fileName(container string) string {
	clean := strings.Map(func(r rune) rune {
		if strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", r) {
			return r
		}
		return '_'
	}, container)
	clean = strings.TrimLeft(clean[:min(len(clean), 100)], ".-")
	if clean == "" {
		return "container"
	}
	return clean
}

// bundleName is the name of a container's bundle, unlike those before.
func (x *artifact) bundleName(container string) string {
	clean := fileName(container)
	x.mu.Lock()
	defer x.mu.Unlock()
	name := clean
	for i := 2; x.names[name]; i++ {
		name = fmt.Sprintf("%s-%d", clean, i)
	}
	x.names[name] = true
	return name + ".tar.gz"
}

// write stores one file in the hidden folder, whole.
func (x *artifact) write(name string, content func(w io.Writer) error) error {
	f, err := os.OpenFile(filepath.Join(x.stage, filepath.FromSlash(name)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	err = content(f)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// publish writes the reports, also those that only the named CI wants, and moves
// everything to its final name.
func (x *artifact) publish(r answer.Report, ci string) error {
	err := x.err
	for _, f := range report.Formats() {
		if err != nil || f.File == "" || f.In != "" && f.In != ci {
			continue
		}
		err = x.write(f.File, func(w io.Writer) error { return f.Write(w, r, layout.Style{}) })
	}
	if err == nil {
		err = x.move()
	}
	if err != nil {
		x.abandon()
		return &hinted{fmt.Errorf("write output folder %q: %w", x.dir, err),
			[]string{"nothing was published there; free some space or name another folder, and run it again"}}
	}
	x.discard()
	return nil
}

// move renames what is in the hidden folder. Bundles of an earlier report go first:
// beside a new report.html they would speak of other containers.
func (x *artifact) move() error {
	entries, err := os.ReadDir(x.stage)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(x.dir, bundleFolder)); err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.Rename(filepath.Join(x.stage, e.Name()), filepath.Join(x.dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// abandon removes what openArtifact made.
func (x *artifact) abandon() {
	x.discard()
	if x.made {
		_ = os.Remove(x.dir)
	}
}

// discard removes the hidden folder.
func (x *artifact) discard() { _ = os.RemoveAll(x.stage) }

// told says what was written.
func (x *artifact) told() string {
	return fmt.Sprintf("wrote the report to %s, with %s of failed containers: open %s", x.dir,
		words.Count(len(x.names), "bundle"), filepath.Join(x.dir, "report.html"))
}
