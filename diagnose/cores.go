package diagnose

import (
	"path"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// CoresOf reads what a bundle tells of core files: of a container, with the reasons
// why there may be none, or of files that were named.
func CoresOf(b *bundle.Bundle) Cores {
	e := evidence.Read(b)
	c := Cores{SchemaVersion: SchemaVersion, Cores: []coredump.Dump{}, WhyNone: []coredump.Check{}, Searched: []coredump.Place{}}
	if e.CoreSearch != nil {
		c.Cores = append(c.Cores, e.CoreSearch.Cores...)
		c.Searched = append(c.Searched, e.CoreSearch.Places...)
	}
	facts := coredump.Facts{Limit: coreLimit(e)}
	if p := e.CorePolicy; p != nil {
		pattern := coredump.ParsePattern(p.Pattern, p.UsesPID)
		facts.Pattern, facts.EngineLimit = &pattern, p.EngineLimit
		c.Setup = &CoreSetup{Pattern: p.Pattern, Handler: pattern.HandlerName(), UsesPID: p.UsesPID, Limit: facts.Limit}
	}
	if e.Target.ID == "" {
		return c
	}
	c.Target = &CoreTarget{ID: e.Target.ID, Name: e.Target.Name}
	c.WhyNone = coredump.WhyNone(coreFacts(facts, newCase(e)))
	return c
}

// coreLimit prefers what the process has to what the container's settings say:
// prlimit changes it while it runs.
func coreLimit(e *evidence.Evidence) *int64 {
	switch {
	case e.Process != nil && e.Process.CoreLimit != nil:
		return e.Process.CoreLimit
	case e.Container != nil:
		return e.Container.CoreLimit
	}
	return nil
}

// coreFacts gathers what the reasons are held against.
func coreFacts(f coredump.Facts, c *evidence.Case) coredump.Facts {
	f.KernelLines = coreLines(c)
	if c.Run != nil {
		alive := c.Run.Alive
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
	if k := c.Container; k != nil {
		f.ReadOnlyRoot, f.User, f.FileLimit = &k.ReadonlyRootfs, &k.User, k.FileLimit
		f.DirMount = mountType(k, f.Dir)
	}
	return f
}

// mountType returns the type of the mount that a directory lies in; "" = the root.
func mountType(k *evidence.Container, dir string) string {
	best, kind := "", ""
	consider := func(destination, of string) {
		destination = path.Clean(destination)
		if len(destination) > len(best) && destination != "/" && (dir == destination || strings.HasPrefix(dir, destination+"/")) {
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
func coreLines(c *evidence.Case) []string {
	if c.Kernel.Log == nil || c.Run == nil {
		return nil
	}
	var lines []string
	for _, t := range c.Kernel.Log.Trouble {
		if t.Kind == kernellog.TroubleCoredump && t.At != nil && c.Run.Contains(*t.At, kernelSlack) {
			lines = append(lines, t.Excerpt)
		}
	}
	return lines
}
