package kernellog

import (
	"bytes"
	"time"
)

// canSkim tells whether the scanner waits for nothing that a line without a class
// could be: no name of the invoker's cpuset, no table, no torn record; and of what
// is held back for more of the same at most one, so that it does not matter when it
// is given out.
func (s *Scanner) canSkim() bool {
	dump, crashes := s.oom.dump, len(s.crashes.open)
	return (dump == nil || dump.killed || !dump.table.open && (dump.invoker.TID != 0 || !dump.header)) &&
		s.pending.kind == noClass && s.crashes.await == nil &&
		(crashes == 0 || crashes == 1 && dump == nil) && s.span.hasBoot
}

// skim skips a run of lines that mean nothing and tells whether there was one.
func (s *Scanner) skim() bool {
	if s.next < s.slow || !s.canSkim() {
		return false
	}
	r := s.run()
	if r.lines == 0 {
		return false
	}
	if !s.fits(r) {
		s.slow = r.end
		return false
	}
	s.next = r.end
	s.lines += r.lines
	s.skipped(r)
	return true
}

// run returns the run at the current line, looked for now or ahead of time.
func (s *Scanner) run() run {
	b := s.block
	if !b.seen {
		return skim(b.text, s.next, &s.members)
	}
	for s.past < len(b.runs) && b.runs[s.past].end <= s.next {
		s.past++
	}
	switch {
	case s.past == len(b.runs) || b.runs[s.past].start > s.next:
		return run{}
	case b.runs[s.past].start == s.next:
		return b.runs[s.past]
	}
	return skim(b.text[:b.runs[s.past].end], s.next, &s.members) // its beginning was read line by line
}

// fits tells whether a run is of the boot that we are in.
func (s *Scanner) fits(r run) bool {
	if r.bootID != nil {
		return bytes.Equal(r.bootID, s.bootID)
	}
	return seconds(r.low) >= s.span.toBoot-bootDrop
}

// skipped does what reading the run line by line would have done.
func (s *Scanner) skipped(r run) {
	p := &s.span
	p.fromBoot, p.toBoot = min(p.fromBoot, seconds(r.low)), max(p.toBoot, seconds(r.high))
	for _, stamp := range [...]stampOf{r.first, r.last} {
		l := line{boot: seconds(stamp.boot), hasBoot: true}
		if r.bootID != nil {
			l.wall = time.UnixMicro(stamp.wall).UTC()
		}
		if at, ok := s.wallTime(&l); ok {
			p.see(at)
		}
	}
	s.unwrap.stamped, s.unwrap.kmsg = true, false
	s.previous.msg = s.previous.msg[:0]
	end := line{no: s.lines, boot: seconds(r.high), hasBoot: true}
	s.oom.expire(&end)
	s.crashes.expire(&end)
}
