package kernellog

import (
	"slices"
	"strings"
)

// killLine handles a kill line, an old kernel's candidate, or the word that the
// victim was dying already.
func (o *oomReader) killLine(l *line, msg []byte) bool {
	k, ok := parseKill(msg)
	if !ok || k.bare && (o.dump == nil || o.dump.killed) { // any program may print that
		return false
	}
	switch {
	case k.exiting:
		o.open(l).exiting = true
		o.close()
	case k.candidate:
		if o.dump != nil && !o.dump.fits(k) {
			o.close()
		}
		d := o.open(l)
		d.candidate, d.candidateName, d.scope = k.pid, k.comm, k.scope
	default:
		o.kill(l, msg, k)
	}
	return true
}

func (o *oomReader) kill(l *line, msg []byte, k *killLine) {
	if o.isRepeat(l, k.pid, k.comm, string(msg)) {
		if d := o.dump; d != nil && d.killed {
			d.hold(l)
		}
		return
	}
	d := o.dump
	if d == nil || d.killed && !d.groupMember(l, k) || !d.killed && (d.isOver(l) || !d.fits(k)) {
		d = o.begin(l)
	}
	if c := d.constraint; c != nil && c.pid != 0 && c.pid != k.pid && !d.killed && d.group == "" && d.candidate == 0 {
		d = o.begin(l) // another kill's: its own dump was suppressed, and ours lost its kill line
	}
	kill := o.killOf(d, l, k)
	kill.Excerpt = excerptOf(msg)
	if len(d.kills) == 0 {
		d.killWords, d.killedAt = k, l.bare()
	}
	d.kills = append(d.kills, kill)
	d.killed, d.table.open = true, false
	d.hold(l)
	if len(d.kills) >= maxRows {
		o.close() // a group larger than any table: do not hold its kills
	}
}

// fits tells whether a kill's own words agree with the dump about whose memory ran out.
// A dump whose kill line is lost must not lend its container to the next kill.
func (d *dump) fits(k *killLine) bool {
	known := d.scope
	switch {
	case d.constraint != nil && d.constraint.constraint == "CONSTRAINT_NONE":
		known = ScopeHost
	case d.limit != "", d.constraint != nil && d.constraint.limit != "":
		known = ScopeCgroup
	}
	return known == ScopeUnknown || k.scope == ScopeUnknown || known == k.scope
}

// groupMember tells whether a further kill belongs to the group kill. The table
// lists everything below the limit, so a stranger to it is one only if the kernel
// printed it in the same breath; otherwise it is the next kill, without a dump.
func (d *dump) groupMember(l *line, k *killLine) bool {
	if d.group == "" {
		return false
	}
	for _, r := range d.table.rows {
		if r.pid == k.pid {
			return true
		}
	}
	return len(d.table.rows) == 0 || within(l, d.killBoot, d.hasBoot, groupGap)
}

// hold keeps the dump open for the rest of a group kill.
func (d *dump) hold(l *line) {
	d.until = l.no + killPatience
	d.killBoot, d.hasBoot = l.boot, l.hasBoot
}

// isRepeat tells whether a kill was seen before: a group kill prints its first
// victim twice (with other numbers, where its memory went in between), and rotated
// files and copies overlap.
func (o *oomReader) isRepeat(l *line, pid int, comm, text string) bool {
	now := victimSeen{o.boots, l.no, l.boot, l.hasBoot, l.wall, comm, text}
	was, ok := o.victims[pid]
	if !ok || was.comm != comm || !was.sameKill(now) && !o.dump.hasKilled(pid) {
		o.see(pid, now)
		return false
	}
	return true
}

// sameKill compares two kill lines of one pid and name, which may have been used
// again: by the kernel's clock, else by wall time, else by how near they stand.
func (v victimSeen) sameKill(w victimSeen) bool {
	switch {
	case v.hasBoot && w.hasBoot && v.boot == w.boot && v.text == w.text:
		return true
	case v.boots != w.boots:
		return false
	case v.hasBoot && w.hasBoot:
		return w.boot-v.boot <= killWindow && v.boot-w.boot <= killWindow
	case !v.wall.IsZero() && !w.wall.IsZero():
		return w.wall.Sub(v.wall).Abs().Seconds() <= killWindow
	}
	return v.text == w.text && w.line-v.line <= 4*killPatience
}

// hasKilled tells whether the open group kill has this victim already.
func (d *dump) hasKilled(pid int) bool {
	if d == nil || d.group == "" {
		return false
	}
	for _, k := range d.kills {
		if k.PID == pid {
			return true
		}
	}
	return false
}

func (o *oomReader) see(pid int, v victimSeen) {
	if len(o.victims) >= maxRemembered {
		clear(o.victims)
	}
	o.victims[pid] = v
}

// killOf makes the kill of a kill line from what its dump told before.
func (o *oomReader) killOf(d *dump, l *line, k *killLine) *Kill {
	kill := &Kill{PID: k.pid, Comm: k.comm, UID: k.uid, Victim: k.victim, Line: l.no, GroupKill: d.group != ""}
	kill.BootSeconds = bootSeconds(l)
	kill.At = o.when(l)
	o.attribute(d, l, kill, k)
	kill.Scope = d.scopeOf(kill, k)
	kill.Container = containerOf(d, kill)
	if kill.Container == nil && k.beancounter != "" {
		k.inContainer(kill)
	}
	if d.hasMemory {
		memory := d.memory
		kill.Memory = &memory
	}
	if d.header {
		invoker := d.invoker
		kill.InvokedBy = &invoker
	}
	if d.candidate != 0 && d.candidate != kill.PID {
		kill.Candidate = &Task{PID: d.candidate, Comm: d.candidateName, OOMScoreAdj: d.table.adjOf(d.candidate)}
	}
	if len(d.kills) == 0 && len(d.table.rows) > 0 {
		d.table.tell(kill)
		o.carry(d, l)
	}
	o.count(d, k)
	return kill
}

// killFromConstraint makes a kill where the log kept the line that names the
// victim but not the kill line (a grep, or the end of the log).
func (o *oomReader) killFromConstraint(d *dump) {
	c := d.constraint
	if o.isRepeat(&d.at, c.pid, c.comm, d.excerpt) {
		return
	}
	kill := o.killOf(d, &d.at, &killLine{pid: c.pid, comm: c.comm, scope: ScopeUnknown})
	kill.Excerpt = d.excerpt
	d.kills = append(d.kills, kill)
}

// count follows kills whose dump is not in the log.
func (o *oomReader) count(d *dump, k *killLine) {
	if !k.modern || d.constraint != nil || d.task != "" || d.stats != "" || d.group != "" || len(d.table.rows) > 0 {
		return
	}
	o.filtered++
	o.headed = o.headed || d.header
	if o.sawInfo && !d.header {
		o.bare++
	}
}

// inContainer takes whose memory ran out from a kill line that names it.
func (k *killLine) inContainer(kill *Kill) {
	if k.beancounter == "0" {
		kill.Scope = ScopeHost
		return
	}
	kill.Scope, kill.Attribution = ScopeOwnLimit, AttributionExact
	kill.Container = &Container{Name: k.beancounter[:min(len(k.beancounter), 64)], Runtime: "openvz"}
}

// uncount takes a kill back that was counted as one without a dump.
func (o *oomReader) uncount(k *killLine) {
	if k.modern && o.filtered > 0 {
		o.filtered--
		o.bare = max(o.bare-1, 0)
	}
}

// attribute finds the victim's cgroup and grades how it is known.
func (o *oomReader) attribute(d *dump, l *line, kill *Kill, k *killLine) {
	c := d.constraint
	if c == nil {
		c = &constraintLine{}
	}
	kill.LimitCgroup = d.limit
	if c.limit != "" {
		kill.LimitCgroup = c.limit
	}
	if kill.LimitCgroup == "" && (k.scope == ScopeCgroup || d.scope == ScopeCgroup || c.constraint == "") {
		kill.LimitCgroup = d.stats
	}
	set := func(cgroup string, grade Attribution) {
		kill.TaskCgroup, kill.Attribution = cgroup, grade
	}
	switch {
	case c.pid == kill.PID && c.cgroup != "":
		set(c.cgroup, AttributionExact)
		if kill.UID == nil {
			kill.UID = c.uid
		}
	case d.group != "":
		set(d.group, AttributionGroup)
	case c.cgroup != "": // a child was taken, or the end of the line is lost
		set(c.cgroup, AttributionGroup)
	case d.task != "" && (d.candidate == 0 || d.candidate == kill.PID):
		set(d.task, AttributionExact)
	case d.task != "": // a child of the candidate
		set(d.task, AttributionGroup)
	case kill.LimitCgroup != "":
		set(kill.LimitCgroup, AttributionGroup)
	default:
		o.withoutDump(d, l, kill, k)
	}
}

// withoutDump looks for the cgroup elsewhere: an earlier dump's table, or the
// cpuset of the invoking task where that task died itself or shares the limit.
func (o *oomReader) withoutDump(d *dump, l *line, kill *Kill, k *killLine) {
	kill.Attribution = AttributionUnknown
	if cgroup := o.carriedCgroup(l, kill); cgroup != "" {
		kill.TaskCgroup, kill.Attribution = cgroup, AttributionCarried
		return
	}
	memcg := k.scope == ScopeCgroup || d.scope == ScopeCgroup
	if c := guessContainer(d); c != nil && (memcg || d.invoker.TID == kill.PID) {
		kill.Attribution = AttributionGuess
	}
}

func within(l *line, boot float64, hasBoot bool, window float64) bool {
	return !l.hasBoot || !hasBoot || l.boot-boot <= window && boot-l.boot <= window
}

func guessContainer(d *dump) *Container {
	leaf := d.cpuset
	if leaf == "" && d.constraint != nil {
		leaf = d.constraint.cpuset
	}
	return containerOfLeaf(leaf)
}

// containerOfLeaf reads the last segment of a cpuset's path, where that is a container's.
func containerOfLeaf(leaf string) *Container {
	if leaf == "" || strings.Contains(leaf, "/") {
		return nil
	}
	if c := ContainerFromCgroup(leaf); c != nil && c.ID != "" {
		return c
	}
	return nil
}

func containerOf(d *dump, kill *Kill) *Container {
	if kill.Attribution == AttributionGuess {
		return guessContainer(d)
	}
	if kill.TaskCgroup == "" {
		return nil
	}
	return ContainerFromCgroup(kill.TaskCgroup)
}

// carry keeps the table of a cgroup. A global table lists the whole host, so it
// says nothing about cgroups.
func (o *oomReader) carry(d *dump, l *line) {
	cgroup := d.limit
	if d.constraint != nil {
		cgroup = d.constraint.limit
	}
	if cgroup == "" {
		return
	}
	total := len(d.table.rows)
	for _, t := range o.carried {
		total += len(t.rows)
	}
	for len(o.carried) > 0 && (total > maxRemembered || !o.carried[0].isNear(l)) {
		total -= len(o.carried[0].rows)
		o.spare = o.carried[0].tasks
		o.carried = slices.Delete(o.carried, 0, 1)
	}
	d.carried = true
	o.carried = append(o.carried, carriedTable{d.table.tasks, cgroup, l.boot, l.hasBoot})
}

// carriedCgroup returns the cgroup whose table listed the victim, as far as the
// latest that has its pid is near and gives the same name.
func (o *oomReader) carriedCgroup(l *line, kill *Kill) string {
	for i := len(o.carried) - 1; i >= 0; i-- {
		t := &o.carried[i]
		for j := len(t.rows) - 1; j >= 0; j-- {
			if t.rows[j].pid != kill.PID {
				continue
			}
			if t.isNear(l) && string(t.comm(j)) == kill.Comm {
				return t.cgroup
			}
			return ""
		}
	}
	return ""
}

func (t *carriedTable) isNear(l *line) bool { return within(l, t.boot, t.hasBoot, carryWindow) }

// scopeOf says whose memory ran out. A limit that is set on the container's own
// cgroup is its own limit even where the victim sat in a child of it, as podman's
// and systemd's containers do.
func (d *dump) scopeOf(kill *Kill, k *killLine) Scope {
	constraint := ""
	if d.constraint != nil {
		constraint = d.constraint.constraint
	}
	switch {
	case constraint == "CONSTRAINT_NONE":
		return ScopeHost
	case constraint == "CONSTRAINT_CPUSET":
		return ScopeCpuset
	case constraint == "CONSTRAINT_MEMORY_POLICY":
		return ScopeMempolicy
	case kill.Attribution == AttributionCarried:
		return k.scope // the earlier dump's limit need not be this one's
	case kill.LimitCgroup != "" && kill.TaskCgroup != "":
		return limitScope(kill.LimitCgroup, kill.TaskCgroup, kill.Attribution == AttributionExact || d.group != "")
	case k.scope != ScopeUnknown:
		return k.scope
	}
	return d.scope
}

// limitScope compares the cgroup whose limit was hit with the victim's; sure tells
// that the second is no guess at something further in.
func limitScope(limit, task string, sure bool) Scope {
	if limit == task && sure {
		return ScopeOwnLimit
	}
	inner, outer := ContainerFromCgroup(task), ContainerFromCgroup(limit)
	switch {
	case inner != nil && outer != nil && (inner.ID != "" || inner.Name != "") &&
		inner.ID == outer.ID && inner.Name == outer.Name && inner.Runtime == outer.Runtime:
		return ScopeOwnLimit
	case limit == task: // in that cgroup or below it: which, is not told
		return ScopeCgroup
	}
	return ScopeOuterLimit
}
