package kernellog

import (
	"bytes"
	"strings"
	"time"
)

const (
	dumpPatience  = 2048 // lines without a word of the dump, before it is given up
	killPatience  = 64   // lines after the kill in which a group kill may follow
	killWindow    = 2.0  // seconds, likewise
	dumpWindow    = 2.0  // seconds between two lines of one dump: it is printed in one go, under a lock
	groupGap      = 1e-3 // seconds between two kills of one group, of which the table may not list the second
	carryWindow   = 300.0
	maxRemembered = 1 << 14 // pids kept to know repeats and carried cgroups
)

// dump is one out-of-memory record. The kernel writes header to kill line under
// oom_lock, so two dumps never interleave; lines of other CPUs may stand between.
type dump struct {
	until   int  // line after which it is given up
	first   line // of it, with its message in opening
	last    line // the latest one
	opening string

	header        bool
	invoker       Task
	cpuset        string
	task          string // "Task in …": the victim's cgroup, until 4.20
	limit         string // … and the cgroup whose limit was hit
	constraint    *constraintLine
	at            line      // of the constraint line
	excerpt       string    // of the constraint line
	killWords     *killLine // of the first kill
	killedAt      line
	stats         string
	statsOpen     bool
	memory        Memory
	hasMemory     bool
	table         taskTable
	candidate     int // pid that an old kernel considered
	candidateName string
	scope         Scope // as the candidate line of an old kernel says

	group    string
	exiting  bool
	killed   bool
	killBoot float64
	hasBoot  bool
	kills    []*Kill
	carried  bool // the table is kept
}

type victimSeen struct {
	boots   int
	line    int
	boot    float64
	hasBoot bool
	wall    time.Time
	comm    string
	text    string
}

// carriedTable is the table of a dump that names a cgroup, kept for the kills after
// it whose own dump was suppressed.
type carriedTable struct {
	tasks
	cgroup  string
	boot    float64
	hasBoot bool
}

// oomReader puts the lines of a dump together and makes kills of them.
type oomReader struct {
	emit     func(*Kill)
	trouble  func(*Trouble)
	when     func(*line) *time.Time
	dump     *dump
	lone     *dump // a kill without anything of its dump, which may follow in a log with the newest line first
	turned   int   // dumps that followed their kills
	echo     line  // the last line of the latest of those
	boots    int
	events   int // dumps with a kill, until now
	victims  map[int]victimSeen
	carried  []carriedTable // oldest first
	spare    tasks          // memory for the next table
	sawInfo  bool           // a line of level info was seen: the log is not filtered
	bare     int            // kills without a dump since the last dump or count
	filtered int            // kills of new kernels without their info lines
	headed   bool           // the first line of such a dump was there
}

// open returns the dump that a line belongs to: the current one unless that has
// had its kill.
func (o *oomReader) open(l *line) *dump {
	if o.dump == nil || o.dump.killed || o.dump.isOver(l) {
		o.begin(l)
	}
	o.dump.touch(l)
	return o.dump
}

func (o *oomReader) begin(l *line) *dump {
	o.close()
	o.dump = &dump{scope: ScopeUnknown, first: l.bare(), opening: excerptOf(decoded(l.msg, l.esc))}
	o.dump.touch(l)
	o.dump.table.tasks, o.spare = o.spare, tasks{}
	o.dump.table.reset()
	return o.dump
}

// touch notes that a line belongs to the dump.
func (d *dump) touch(l *line) { d.until, d.last = l.no+dumpPatience, l.bare() }

// isOver tells whether a line is too late to belong to a dump that was not closed by
// its kill line.
func (d *dump) isOver(l *line) bool { return !d.killed && areApart(&d.last, l) }

// isPast is isOver for any line, of which the clock may fall a little within a boot.
func (d *dump) isPast(l *line) bool {
	return d.isOver(l) && !(l.hasBoot && l.boot < d.last.boot) && !(!l.wall.IsZero() && l.wall.Before(d.last.wall))
}

// areApart tells whether two lines are of different moments, as far as their stamps say.
func areApart(a, b *line) bool {
	switch {
	case a.hasBoot && b.hasBoot:
		return a.boot-b.boot > dumpWindow || b.boot-a.boot > dumpWindow
	case !a.wall.IsZero() && !b.wall.IsZero():
		return b.wall.Sub(a.wall).Abs().Seconds() > dumpWindow+1 // the stamps may have no fractions
	}
	return false
}

// close ends the current dump and gives out its kills.
func (o *oomReader) close() {
	d := o.dump
	if d == nil {
		return
	}
	o.dump = nil
	if !d.killed && !d.exiting && d.constraint != nil && d.constraint.pid != 0 && !o.lone.isOf(d) {
		o.killFromConstraint(d) // the kill line is lost, but its victim is named
	}
	if !d.carried {
		o.spare = d.table.tasks
	}
	switch {
	case len(d.kills) == 0 && (d.killed || d.exiting):
	case len(d.kills) == 0 && o.lone.isOf(d):
		o.reunite(d)
	case len(d.kills) == 0 && o.isEcho(d):
	case len(d.kills) == 0:
		o.release()
		o.victimUntold(d)
	case d.isLone():
		o.release()
		o.lone = d
	default:
		o.release()
		o.give(d)
	}
}

// give gives out the kills of a dump.
func (o *oomReader) give(d *dump) {
	o.events++
	for _, k := range d.kills {
		k.Event = o.events
		o.emit(k)
	}
}

func (o *oomReader) expire(l *line) {
	o.expireLone(l)
	d := o.dump
	if d == nil {
		return
	}
	if l.no > d.until || d.isPast(l) || d.killed && d.hasBoot && l.hasBoot && l.boot > d.killBoot+killWindow {
		o.close()
	}
}

func (o *oomReader) newBoot(boots int) {
	o.flush()
	o.boots = boots
	o.carried = nil
}

func (o *oomReader) suppressed() { o.bare = 0 }

// hit parses one line of a dump.
func (o *oomReader) hit(c class, l *line, msg []byte, before *previous) bool {
	switch c {
	case oomInvoked:
		return o.invoked(l, msg, before)
	case oomCpuset:
		return o.invokerCpuset(l, msg)
	case oomTask, oomStats, oomUsage, oomSwap, oomKmem, oomTable:
		o.sawInfo = true
		return o.block(c, l, msg)
	case oomConstraint:
		o.sawInfo = true
		return o.constrained(l, msg)
	case oomKilled:
		return o.killLine(l, msg)
	case oomGroup:
		return o.groupKill(l, msg)
	}
	return false
}

// invoked reads "java invoked oom-killer: gfp_mask=…", the first line of a dump.
func (o *oomReader) invoked(l *line, msg []byte, before *previous) bool {
	comm, mask, _ := bytes.Cut(msg, []byte(" invoked oom-killer: gfp_mask="))
	if len(comm) > commLen || !bytes.HasPrefix(mask, []byte("0x")) { // somebody's words about it
		return false
	}
	name := string(comm)
	if before.hasBoot && l.hasBoot && before.boot == l.boot && len(before.msg) > 0 && len(before.msg)+1+
		len(comm) <= commLen {
		name = string(before.msg) + "\n" + name // text forms break a name at its newline
	}
	o.bare = 0
	d := o.begin(l)
	d.header, d.invoker.Comm = true, name
	return true
}

// cpu reads the invoking thread's id from "CPU: 0 UID: 0 PID: 143 Comm: node Not tainted …".
func (o *oomReader) cpu(l *line, msg []byte) bool {
	d := o.dump
	if d == nil || !d.header || d.killed || d.invoker.TID != 0 {
		return false
	}
	tid, ok := tidOfCPU(msg)
	if ok {
		d.invoker.TID = tid
		d.touch(l)
	}
	return ok
}

func tidOfCPU(msg []byte) (int, bool) {
	head, _, ok := bytes.Cut(msg, []byte(" Comm: "))
	_, pid, ok2 := bytes.Cut(head, []byte(" PID: "))
	tid, ok3 := number(bytes.TrimSpace(pid))
	return int(tid), ok && ok2 && ok3
}

// invokerCpuset reads "java cpuset=LEAF mems_allowed=0" (until 4.20).
func (o *oomReader) invokerCpuset(l *line, msg []byte) bool {
	d := o.dump
	_, rest, _ := bytes.Cut(msg, []byte(" cpuset="))
	leaf, _, ok := bytes.Cut(rest, []byte(" mems_allowed="))
	if !ok || d == nil || !d.header || d.killed || d.invoker.TID != 0 { // it stands before the CPU line
		return false
	}
	d.cpuset = string(leaf)
	d.touch(l)
	return true
}

// block reads the lines about the cgroup and the head of the table.
func (o *oomReader) block(c class, l *line, msg []byte) bool {
	d := o.open(l)
	switch c {
	case oomTask:
		task, limit, ok := limitLine(msg)
		if ok {
			d.task, d.limit = task, limit
		}
		return ok
	case oomUsage:
		d.memory.Usage, d.memory.Limit, d.memory.Failcnt = usageLine(msg)
		d.hasMemory = true
	case oomSwap:
		d.memory.SwapUsage, d.memory.SwapLimit, _ = usageLine(msg)
		d.hasMemory = true
	case oomKmem:
		d.memory.Kernel, _, _ = usageLine(msg)
	case oomStats:
		return d.stat(msg)
	case oomTable:
		d.statsOpen = false
		return d.table.header(msg)
	}
	return true
}

// wants tells whether a line without a known first word may be a row or a counter.
func (o *oomReader) wants(l *line) bool {
	d := o.dump
	return d != nil && !d.killed && len(l.msg) > 0 && (d.statsOpen || d.table.open)
}

// detail reads a row of the table or a counter of the cgroup.
func (o *oomReader) detail(l *line, msg []byte) bool {
	d := o.dump
	isRow := d.table.row(l, msg)
	if !isRow && (!d.statsOpen || !isCounter(msg)) {
		return false
	}
	d.touch(l)
	if !isRow {
		for counter := range strings.SplitSeq(string(msg), "\n") {
			d.counter(counter)
		}
	}
	return isRow
}

// misreadRow reads a row whose pid an old dmesg took for a stamp:
// "[19417.000000]     0 19417 …" (moby/moby#15621).
func (o *oomReader) misreadRow(text []byte) bool {
	if o.dump == nil || !o.dump.table.open || len(text) == 0 || text[0] != '[' {
		return false
	}
	inside, rest, ok := cutWithin(text[1:], ']', 24)
	digits, ok2 := bytes.CutSuffix(bytes.TrimSpace(inside), []byte(".000000"))
	pid, ok3 := number(digits)
	if !ok || !ok2 || !ok3 {
		return false
	}
	return o.dump.table.fields(&line{}, int(pid), rest)
}

func (o *oomReader) constrained(l *line, msg []byte) bool {
	c, ok := parseConstraint(msg)
	if !ok {
		return false
	}
	d := o.open(l)
	if d.constraint != nil && d.constraint.pid != 0 {
		d = o.begin(l) // the dump before has lost its kill line
	}
	d.constraint, d.statsOpen, d.table.open = c, false, false
	d.at, d.excerpt = l.bare(), excerptOf(msg)
	return true
}

// groupKill reads the announcement that memory.oom.group takes the whole cgroup.
// It follows the kill line of the first victim, which is then printed again.
func (o *oomReader) groupKill(l *line, msg []byte) bool {
	path, ok := groupLine(msg)
	if !ok {
		return false
	}
	if o.dump == nil {
		o.begin(l)
	}
	d := o.dump
	d.touch(l)
	d.group = path
	for _, k := range d.kills {
		k.GroupKill = true
	}
	return true
}
