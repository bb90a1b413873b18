package kernellog

import (
	"cmp"
	"fmt"
)

// nobody ends a dump after which nobody is killed.
func (o *oomReader) nobody() {
	if o.dump != nil {
		o.dump.exiting = true
	}
	o.close()
}

// victimUntold tells of a dump without its kill line. The kernel never leaves that one
// out: the log was cut or filtered, or ends there. Somebody was killed all the same.
func (o *oomReader) victimUntold(d *dump) {
	t := &Trouble{Kind: TroubleVictimUntold, Line: d.first.no, Excerpt: d.opening, Scope: d.scope}
	t.BootSeconds, t.At = bootSeconds(&d.first), o.when(&d.first)
	if d.hasMemory {
		memory := d.memory
		t.Memory = &memory
	}
	task, limit := d.task, d.limit
	if c := d.constraint; c != nil {
		task, limit = c.cgroup, c.limit
	}
	limit = cmp.Or(limit, d.stats)
	switch t.Cgroup = cmp.Or(task, limit, d.group); {
	case t.Cgroup != "":
		t.Container = ContainerFromCgroup(t.Cgroup)
	default:
		t.Container = guessContainer(d)
	}
	switch {
	case d.constraint != nil && d.constraint.constraint == "CONSTRAINT_NONE":
		t.Scope = ScopeHost
	case task != "" && limit != "":
		t.Scope = limitScope(limit, task, true)
	case limit != "" || d.group != "":
		t.Scope = ScopeCgroup
	}
	t.Summary = d.untold(t)
	if d.candidate != 0 {
		t.PID, t.Comm = &d.candidate, d.candidateName
	}
	o.trouble(t)
}

// untold says what a dump without its kill line tells.
func (d *dump) untold(t *Trouble) string {
	const who = "; who was killed is not in this log"
	limit := ""
	if t.Memory != nil && t.Memory.Limit != nil {
		limit = " of " + size(*t.Memory.Limit)
	}
	switch {
	case t.Scope == ScopeHost:
		return "an out-of-memory dump without its kill line: the machine had no memory left" + who
	case t.Scope == ScopeOwnLimit:
		return "an out-of-memory dump without its kill line: it reached its own limit" + limit + who
	case t.Scope == ScopeOuterLimit:
		return "an out-of-memory dump without its kill line: a group around it reached its limit" + limit + who
	case t.Scope == ScopeCgroup:
		return "an out-of-memory dump without its kill line: a control group reached its limit" + limit + who
	case t.Container != nil:
		return "the OOM killer ran for a process of it" + who
	}
	return "the OOM killer ran" + who
}

// size writes bytes as the kernel's limits are set, in whole units where they are.
func size(bytes int64) string {
	for _, unit := range [...]struct {
		name  string
		bytes int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if bytes >= unit.bytes {
			if bytes%unit.bytes == 0 {
				return fmt.Sprintf("%d %s", bytes/unit.bytes, unit.name)
			}
			return fmt.Sprintf("%.1f %s", float64(bytes)/float64(unit.bytes), unit.name)
		}
	}
	return fmt.Sprintf("%d bytes", bytes)
}
