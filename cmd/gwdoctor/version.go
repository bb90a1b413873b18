package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/report"
)

// version is set by the linker for a release: -ldflags '-X main.version=1.2.3'.
var version string

// build is what `version --format json` prints.
type build struct {
	SchemaVersion int    `json:"schemaVersion"`
	Name          string `json:"name"`
	Version       string `json:"version"`
	Commit        string `json:"commit,omitempty"`
	Modified      bool   `json:"modified"` // the tree had changes that no commit holds
	Go            string `json:"go"`
	Platform      string `json:"platform"`
}

// buildVersion tells which gwdoctor this is: the linker's word, else the module's
// version (go install …@v1), else "dev".
func buildVersion() build {
	b := build{
		SchemaVersion: diagnose.SchemaVersion, Name: "gwdoctor", Version: version,
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
			b.Commit = s.Value
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
		RunE: work(func(*cobra.Command, []string) error {
			b := buildVersion()
			return a.print(b, func(w io.Writer, _ report.Style) error {
				_, err := fmt.Fprintf(w, "%s %s (%s, %s)\n", b.Name, b.Version, b.Go, b.Platform)
				return err
			})
		}),
	}
}
