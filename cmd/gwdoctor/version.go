package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report"
)

// Set by the linker for a release (goreleaser.yaml): -ldflags '-X main.version=1.2.3'.
var (
	version string
	commit  string // full hash
	date    string // of the commit, RFC 3339: the same source gives the same binary
)

// build is what `version --format json` prints.
type build struct {
	SchemaVersion int    `json:"schemaVersion"`
	Name          string `json:"name"`
	Version       string `json:"version"`
	Commit        string `json:"commit,omitempty"`
	Date          string `json:"date,omitempty"` // of the commit
	Modified      bool   `json:"modified"`       // the tree had changes that no commit holds
	Go            string `json:"go"`
	Platform      string `json:"platform"`
}

// buildVersion tells which gwdoctor this is: the linker's word, else what go build
// found in the repository and the module's version (go install …@v1), else "dev".
func buildVersion() build {
	b := build{
		SchemaVersion: answer.SchemaVersion, Name: "gwdoctor", Version: version, Commit: commit, Date: date,
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	if b.Version == "" && info.Main.Version != "(devel)" {
		b.Version = info.Main.Version
	}
	if b.Version == "" {
		b.Version = "dev"
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = cmp.Or(b.Commit, s.Value)
		case "vcs.time":
			b.Date = cmp.Or(b.Date, s.Value)
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// String is a line such as
//
//	gwdoctor 1.2.3 (commit 0123456789ab of 2026-11-25T15:04:05Z, go1.26.8, linux/amd64)
func (b build) String() string {
	var facts []string
	if b.Commit != "" {
		facts = append(facts, "commit "+b.Commit[:min(len(b.Commit), 12)])
		if b.Date != "" {
			facts[0] += " of " + b.Date
		}
		if b.Modified {
			facts[0] += ", modified"
		}
	}
	facts = append(facts, b.Go, b.Platform)
	return fmt.Sprintf("%s %s (%s)", b.Name, b.Version, strings.Join(facts, ", "))
}

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: work(func(*cobra.Command, []string) error {
			b := buildVersion()
			return a.print(b, func(w io.Writer, _ report.Style) error {
				_, err := fmt.Fprintln(w, b)
				return err
			})
		}),
	}
}
