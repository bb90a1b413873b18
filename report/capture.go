package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// Captured writes what a bundle holds and what could not be seen, a line each.
func Captured(w io.Writer, c answer.Capture) error {
	var out strings.Builder
	say := func(format string, args ...any) {
		out.WriteString(sanitize.Clean(fmt.Sprintf(format, args...), layout.MaxCommand) + "\n")
	}
	say("captured %s: %d bytes in %s", c.Target.Name, c.Bytes, c.Path)
	if names := capturedNames(c); len(names) > 1 {
		say("containers: %s", strings.Join(names, ", "))
	}
	for i, what := range capturedWords(c.Sources) {
		say("%-9s %s", map[bool]string{true: "contains:"}[i == 0], what)
	}
	say("masked: %s", maskedKinds(c.Masked))
	told := map[string]bool{}
	for _, s := range c.Sources {
		if s.Status == fact.StatusCollected {
			continue
		}
		say("not seen: %s, %s", s.Name, strings.TrimSuffix(string(s.Status)+": "+s.Detail, ": "))
		if s.Command != "" && !told[s.Command] {
			told[s.Command] = true
			say("          $ %s", s.Command)
		}
	}
	return sanitize.Prose.Write(w, []byte(out.String()))
}

func capturedNames(c answer.Capture) (names []string) {
	for _, t := range c.Containers {
		names = append(names, sanitize.Clean(t.Name, layout.MaxName))
	}
	return names
}

// sourceWords say what a source of a bundle is, to somebody who wonders whether to pass it on.
var sourceWords = map[string]string{
	fact.SourceEngine:     "the engine's version and settings",
	fact.SourceInspect:    "the container's settings and state (values of its environment masked)",
	fact.SourceImage:      "its image's settings",
	fact.SourceEvents:     "what the engine remembers of it (256 events of all containers at most)",
	fact.SourceLogs:       "the newest part of its log",
	fact.SourceChanges:    "names of the files that it changed, not the files",
	fact.SourceNeighbours: "states, events and the end of the logs of the services beside it",
	fact.SourcePorts:      "which containers and programs of the host have the ports that it did not get",
	fact.SourceStateFile:  "what the engine keeps on disk of its state",
	fact.SourceKernelLog:  "the kernel log of the whole host",
	fact.SourceProcess:    "its processes: names, states, open files, connections",
	fact.SourceInside:     "stacks of its threads and tasks, and what they wait for, from memory: no values",
	fact.SourceCgroup:     "its limits and what it used of them",
	fact.SourceCorePolicy: "where this host writes core files",
	fact.SourceCores:      "what its core files tell, not the files",
	fact.SourceReplay:     "answers of its health check",
}

// capturedWords lists what a bundle holds.
func capturedWords(list []bundle.Source) (lines []string) {
	told := map[string]bool{}
	for _, s := range list {
		word, known := sourceWords[s.Name]
		if (s.Status == fact.StatusCollected || s.Status == fact.StatusTruncated) && known && !told[s.Name] {
			told[s.Name] = true
			lines = append(lines, word)
		}
	}
	return lines
}

// maskedKinds counts what was masked, by kind.
func maskedKinds(list []bundle.Mask) string {
	count := map[string]int{}
	var kinds []string
	for _, mask := range list {
		if count[mask.Kind] == 0 {
			kinds = append(kinds, mask.Kind)
		}
		count[mask.Kind] += mask.Count
	}
	for i, kind := range kinds {
		kinds[i] = fmt.Sprintf("%s (%d)", kind, count[kind])
	}
	if len(kinds) == 0 {
		return "nothing"
	}
	return strings.Join(kinds, ", ")
}
