package answer

import (
	"path"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// CoresOf reads what a bundle tells of core files: of a container, with the reasons
// why there may be none, or of files that were named.
func CoresOf(c inquest.Case) Cores {
	doc := Cores{SchemaVersion: SchemaVersion, Cores: []coredump.Dump{}, WhyNone: []coredump.Check{},
		Searched: []coredump.Place{}}
	if c.CoreSearch != nil {
		doc.Cores = append(doc.Cores, c.CoreSearch.Cores...)
		doc.Searched = append(doc.Searched, c.CoreSearch.Places...)
	}
	facts := coredump.Facts{Limit: coreLimit(c)}
	if p := c.CorePolicy; p != nil {
		pattern := coredump.ParsePattern(p.Pattern, p.UsesPID)
		facts.Pattern, facts.EngineLimit = &pattern, p.EngineLimit
		doc.Setup = &CoreSetup{Pattern: p.Pattern, Handler: pattern.HandlerName(), UsesPID: p.UsesPID, Limit: facts.Limit}
	}
	if c.Target.ID == "" {
		return doc
	}
	doc.Target = &CoreTarget{ID: c.Target.ID, Name: c.Target.Name}
	doc.WhyNone = coredump.WhyNone(coreFacts(facts, c))
	return doc
}

// coreLimit prefers what the process has to what the container's settings say:
// prlimit changes it while it runs.
func coreLimit(c inquest.Case) *int64 {
	switch {
	case c.Process != nil && c.Process.CoreLimit != nil:
		return c.Process.CoreLimit
	case c.Spec != nil:
		return c.Spec.CoreLimit
	}
	return nil
}

// coreFacts gathers what the reasons are held against.
func coreFacts(f coredump.Facts, c inquest.Case) coredump.Facts {
	f.KernelLines = coreLines(c)
	if c.Life != nil {
		alive := c.Life.Alive
		f.Running = &alive
		f.EndKnown = !alive && c.Death.ExitCode != nil
	}
	f.Signal = c.Death.Signal
	for _, d := range c.Dumps {
		switch {
		case d.Growing:
		case d.Truncated:
			f.Cut++
		case d.Where == coredump.WhereContainer:
			f.Whole++
		}
	}
	if c.Read(fact.SourceEvents) {
		asked := c.Death.Request != nil
		f.StopAsked = &asked
	}
	if c.Process != nil {
		f.PID = c.Process.PID
	}
	if p := c.CorePolicy; p != nil {
		f.SuidDumpable, f.HelperExists = p.SuidDumpable, p.HelperExists
		if d := p.Directory; d != nil {
			f.Dir, f.DirExists, f.DirUID, f.DirMode, f.DirFree = d.Path, d.Exists, d.UID, d.Mode, d.Free
		}
	}
	if k := c.Spec; k != nil {
		f.ReadOnlyRoot, f.User, f.FileLimit = &k.ReadonlyRoot, &k.User, k.FileLimit
		f.DirMount = mountType(k, f.Dir)
	}
	return f
}

// mountType returns the type of the mount that a directory lies in; "" = the root.
func mountType(k *evidence.Spec, dir string) string {
	best, kind := "", ""
	consider := func(destination, of string) {
		destination = path.Clean(destination)
		if len(destination) > len(best) && destination != "/" &&
			(dir == destination || strings.HasPrefix(dir, destination+"/")) {
			best, kind = destination, of
		}
	}
	for _, m := range k.Mounts {
		consider(m.Destination, m.Type)
	}
	for _, destination := range k.Tmpfs {
		consider(destination, "tmpfs")
	}
	return kind
}

// coreLines are the kernel's own words about cores in the run's time. They carry the
// process's number in its container, and no container, so they may be another's.
func coreLines(c inquest.Case) []string {
	if c.Kernel.Log == nil || c.Life == nil {
		return nil
	}
	var lines []string
	for _, t := range c.Kernel.Log.Trouble {
		if t.Kind == kernellog.TroubleCoredump && t.At != nil && c.Life.Contains(*t.At, inquest.KernelSlack) {
			lines = append(lines, t.Excerpt)
		}
	}
	return lines
}
