package kernellog

import (
	"bytes"
	"math"
	"time"
)

const (
	// bootDrop is how far the kernel clock may fall within one boot: records of
	// several CPUs are out of order by microseconds.
	bootDrop = 5.0
	// maxUptime keeps a forged stamp from overflowing a Duration (292 years).
	maxUptime = 1e9
)

// clock follows the log's time, its gaps and its boots.
func (s *Scanner) clock(l *line) {
	if len(l.bootID) > 0 && !bytes.Equal(l.bootID, s.bootID) {
		if s.bootID != nil {
			s.newBoot()
		}
		s.bootID = bytes.Clone(l.bootID)
	}
	if l.hasBoot {
		s.kernelClock(l)
	}
	if l.seq >= 0 {
		if s.seq >= 0 && l.seq > s.seq+1 {
			s.note(NoteRecordsLost, int(min(l.seq-s.seq-1, 1<<31)),
				"the sequence numbers of /dev/kmsg have a gap: overwritten before they were read, or filtered out")
		}
		s.seq = l.seq
	}
	if at, ok := s.wallTime(l); ok {
		s.span.see(at)
	}
}

func (s *Scanner) kernelClock(l *line) {
	switch p := &s.span; {
	case !p.hasBoot:
		if s.boots == 0 && l.boot > 0 {
			s.note(NoteRingStart, 0, "the log starts "+SinceBoot(l.boot)+" after the boot: what was before is not in it")
		}
		p.hasBoot, p.fromBoot, p.toBoot = true, l.boot, l.boot
	case l.boot < p.toBoot-bootDrop && !l.fromTab:
		s.newBoot()
		s.kernelClock(l)
	default:
		p.fromBoot, p.toBoot = min(p.fromBoot, l.boot), max(p.toBoot, l.boot)
	}
}

// newBoot forgets what does not outlive a boot: pids and the kernel's clock.
func (s *Scanner) newBoot() {
	s.flushPending()
	s.oom.newBoot(s.boots + 1)
	s.crashes.flush()
	s.boots++
	s.seq = -1
	s.span.hasBoot = false
	s.note(NoteBootChange, 1, "the log holds more than one boot; process ids and the kernel's clock start again")
}

// wallTime returns the wall time of a line, where it can be known. Times counted
// from Options.Boot stop with the first change of boot.
func (s *Scanner) wallTime(l *line) (time.Time, bool) {
	switch {
	case !l.wall.IsZero():
		return l.wall, true
	case l.hasBoot && !s.opts.Boot.IsZero() && s.boots == 0 && l.boot < maxUptime:
		return s.opts.Boot.Add(time.Duration(math.Round(l.boot*1e6)) * time.Microsecond), true
	}
	return time.Time{}, false
}

func (s *Scanner) when(l *line) *time.Time {
	at, ok := s.wallTime(l)
	if !ok {
		return nil
	}
	return &at
}

func bootSeconds(l *line) *float64 {
	if !l.hasBoot {
		return nil
	}
	v := l.boot
	return &v
}
