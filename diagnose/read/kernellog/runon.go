package kernellog

import "bytes"

// runOnParts begin the lines of a dump that name its victim. The first line of a dump
// holds none of them: where it does, its line ends were lost (a field of a table, an
// "echo $(dmesg)"), and the whole dump is one line.
//
//	celery invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0 Nov 25 14:02:11 node-7 kernel: CPU: 3 PID: 48213 …
var runOnParts = [...][]byte{
	[]byte("oom-kill:constraint="), []byte("Memory cgroup out of memory: Killed process "),
	[]byte("Out of memory: Killed process "),
}

// runOn reads the lines that follow the first one of a dump in the same line.
func (s *Scanner) runOn(l *line, msg []byte) {
	for at := nextPart(msg); at < len(msg); {
		part := msg[at:]
		size := nextPart(part[1:]) + 1
		part, at = part[:size], at+size
		c := prefixClass(part)
		if c == oomConstraint {
			part = constraintPart(part)
		} else if !isWhole(c, part) {
			part = cutKill(part)
		}
		if !s.hit(c, l, part) {
			s.missed.see(l, part, s.head.lines)
		}
	}
}

// nextPart returns where the next of those lines begins, or the text's length.
func nextPart(text []byte) int {
	next := len(text)
	for _, begin := range runOnParts {
		if at := bytes.Index(text[:next], begin); at >= 0 {
			next = at
		}
	}
	return next
}

// constraintPart ends a constraint line behind its last key.
func constraintPart(part []byte) []byte {
	at := bytes.LastIndex(part, []byte(",uid="))
	if at < 0 {
		return part
	}
	if blank := bytes.IndexByte(part[at:], ' '); blank >= 0 {
		return part[:at+blank]
	}
	return part
}
