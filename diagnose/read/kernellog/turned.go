package kernellog

import "bytes"

// A log may have its newest line first (journalctl -r, a web page's table) and stamps
// that do not tell, since the lines of one dump bear the same second or none: then the
// line that names the victim's cgroup comes after its kill.

// isLone tells whether a dump is a single kill and nothing that names a cgroup.
func (d *dump) isLone() bool {
	return len(d.kills) == 1 && !d.header && d.constraint == nil && d.task == "" && d.limit == "" && d.stats == "" &&
		d.group == "" && len(d.table.rows) == 0 && d.candidate == 0
}

// isOf tells whether a kill that came alone is that of a dump that came after it, and
// without a kill: the same process, or the same moment and nobody named.
func (d *dump) isOf(after *dump) bool {
	if d == nil || after.killed || after.exiting || after.first.no-d.killedAt.no > killPatience ||
		areApart(&d.killedAt, &after.first) {
		return false
	}
	if c := after.constraint; c != nil && c.pid != 0 {
		return c.pid == d.kills[0].PID && c.comm == d.kills[0].Comm
	}
	return after.fits(d.killWords) && (after.task != "" || after.limit != "" || after.constraint != nil)
}

// reunite gives a kill the dump that came after it.
func (o *oomReader) reunite(after *dump) {
	d := o.lone
	o.lone = nil
	was := d.kills[0]
	kill := o.killOf(after, &d.killedAt, d.killWords)
	kill.Line, kill.Excerpt = was.Line, was.Excerpt
	after.kills = []*Kill{kill}
	o.uncount(d.killWords)
	o.turned++
	o.echo = after.last
	o.give(after)
}

// isEcho tells whether a dump is the beginning of one that was given to its kill
// already: in a log that is turned round, "X invoked oom-killer" comes last.
func (o *oomReader) isEcho(d *dump) bool {
	near := o.turned > 0 && d.first.no-o.echo.no <= killPatience && !areApart(&o.echo, &d.first)
	return near && d.constraint == nil && d.task == "" && d.limit == "" && d.candidate == 0
}

// release gives out a kill that nothing followed.
func (o *oomReader) release() {
	if d := o.lone; d != nil {
		o.lone = nil
		o.give(d)
	}
}

func (o *oomReader) expireLone(l *line) {
	if d := o.lone; d != nil && o.dump == nil && l.no-d.killedAt.no > killPatience {
		o.release()
	}
}

// flush gives out everything that is held back.
func (o *oomReader) flush() {
	o.close()
	o.release()
}

// dumpOrder tells the first line of a dump from the one that names the victim (envelope.Unfolded.Order).
func dumpOrder(line []byte) int {
	switch {
	case bytes.Contains(line, invokedAnchor):
		return 1
	case bytes.Contains(line, killBeginning):
		return 2
	}
	return 0
}
