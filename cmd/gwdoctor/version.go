package main

import (
	"cmp"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// Set by the linker for a release (goreleaser.yaml): -ldflags '-X main.version=1.2.3'.
var (
	version string
	commit  string // full hash
	date    string // of the commit, RFC 3339: the same source gives the same binary
)

// buildVersion tells which gwdoctor this is: the linker's word, else what go build
// found in the repository and the module's version (go install …@v1), else "dev".
func buildVersion() answer.Version {
	b := answer.Version{
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

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE:  work(func(*cobra.Command, []string) error { return a.printVersion() }),
	}
}

func (a *app) printVersion() error {
	v := buildVersion()
	return a.print(v, func(w io.Writer, s layout.Style) error { return report.Version(w, v, s) })
}
