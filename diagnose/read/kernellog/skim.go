package kernellog

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog/skip"
)

// meaningless passes over what the scanner need not read, in a state in which it
// waits for nothing (see [Scanner.canSkim]).
var meaningless = skip.New(firstWords(), mayMatter)

// firstWords are what a message begins with that has a class, is a counter of a dump,
// a row of its table or the tail of a fault, or stands behind the name of a caller.
func firstWords() []string {
	words := append([]string{faultTail}, counterNames...)
	for _, list := range prefixes {
		for _, p := range list {
			words = append(words, p.text)
		}
	}
	for c := range byte(0x80) {
		if isCallerOrRow(c) {
			words = append(words, string([]byte{'[', c}))
		}
	}
	return words
}

// isCallerOrRow tells whether c, after a bracket, may begin "[T12]", "[C0]" or a row
// of the table of tasks.
func isCallerOrRow(c byte) bool { return c < 'A' || c == 'T' || c == 'C' }

// mayMatter tells whether the scanner must read a message. It need not where the
// message has no class, no byte in its head that may hide one (colours), stands
// behind no further wrapping, and is neither a counter of a dump nor a tail of a fault.
func mayMatter(msg []byte) bool {
	head := msg[:min(len(msg), anchorWindow)]
	_, rest, _ := cutWithin(msg, ' ', 65)
	if msg[0] == '[' && isCallerOrRow(msg[1]) || isCounter(msg) || bytes.HasPrefix(msg, []byte(faultTail)) ||
		bytes.IndexByte(head, 0x1b) >= 0 || bytes.HasPrefix(rest, []byte("kernel: ")) {
		return true
	}
	c := classify(msg, escapeNone)
	return c != noClass && (c != troubleLine || prefixClass(msg) == noClass || shapeOf(msg) != nil)
}

// canSkim tells whether the log has no line in an unknown form so far, and the scanner
// waits for nothing that a line without a class could be: no name of the invoker's
// cpuset, no table, no torn record; and of what is held back for more of the same at
// most one, so that it does not matter when it is given out.
func (s *Scanner) canSkim() bool {
	dump, crashes := s.oom.dump, len(s.crashes.open)
	known := s.lines >= s.head.lines && len(s.head.prefix) == 0 && s.missed.lines == 0 // the form of the log
	return !s.everyLine && known && (dump == nil || dump.killed || !dump.table.open &&
		(dump.invoker.TID != 0 || !dump.header)) &&
		s.pending.kind == noClass && s.crashes.await == nil &&
		(crashes == 0 || crashes == 1 && dump == nil) && s.span.hasBoot
}

// skim passes over the lines ahead that mean nothing and tells whether there were any.
func (s *Scanner) skim() bool {
	text := s.block.text[s.next:]
	if text[0] != '[' || !s.canSkim() {
		return false
	}
	skipped := meaningless.Skip(text)
	low, high := seconds(skipped.First), seconds(skipped.Last)
	if skipped.Lines == 0 || low < s.span.toBoot-bootDrop { // another boot begins here
		return false
	}
	s.next += skipped.Bytes
	s.lines += skipped.Lines
	s.skipped(low, high)
	return true
}

// skipped does what reading the lines of that time one by one would have done.
func (s *Scanner) skipped(low, high float64) {
	p := &s.span
	p.fromBoot, p.toBoot = min(p.fromBoot, low), max(p.toBoot, high)
	for _, boot := range [...]float64{low, high} {
		if at, ok := s.wallTime(&line{boot: boot, hasBoot: true}); ok {
			p.see(at)
		}
	}
	s.unwrap.stamped, s.unwrap.kmsg = true, false
	s.previous.msg = s.previous.msg[:0]
	end := line{no: s.lines, boot: high, hasBoot: true}
	s.oom.expire(&end)
	s.crashes.expire(&end)
}
