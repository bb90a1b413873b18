package kernellog

import "bytes"

// headLines are how many lines of a log are read one by one, whatever they say: a short log is read whole, and of a
// long one that has lines in an unknown form in its head, none is skipped after it.
const headLines = 1000

// head is what the first lines of a log with nothing but the kernel's stamps showed.
type head struct {
	lines  int // see headLines
	looked bool
	// prefix stands before the message of every line, behind its stamp: a machine's name, a console server's mark.
	//
	//	[  123.456789] node-17/ttyS0> Memory cgroup out of memory: Killed process 143 (node) …
	prefix []byte
}

// look finds the prefix in the text that begins with the log's first stamped line.
func (h *head) look(ahead []byte) {
	const enough, sampled = 4, 256
	h.looked = true
	var prefix []byte
	seen := 0
	for line := range bytes.SplitSeq(ahead[:bytes.LastIndexByte(ahead, '\n')+1], []byte("\n")) {
		_, msg, ok := cutWithin(line, ']', 64)
		if !ok || len(msg) < 2 || line[0] != '[' {
			continue
		}
		if msg = msg[1:]; seen == 0 {
			prefix = msg
		}
		n := 0
		for n < len(prefix) && n < len(msg) && prefix[n] == msg[n] {
			n++
		}
		prefix = prefix[:n]
		if seen++; seen == sampled || n == 0 {
			break
		}
	}
	prefix = prefix[:bytes.LastIndexByte(prefix, ' ')+1]
	if seen >= enough && len(bytes.TrimSpace(prefix)) > 1 && len(prefix) <= 64 && prefix[0] != '[' {
		h.prefix = bytes.Clone(prefix)
	}
}

// behindPrefix returns the message behind the prefix of all lines, where it means something only so.
func (h *head) behindPrefix(l *line) ([]byte, class) {
	if len(h.prefix) == 0 || !l.plain {
		return l.msg, noClass
	}
	rest, ok := bytes.CutPrefix(l.msg, h.prefix)
	if !ok {
		return l.msg, noClass
	}
	return rest, classify(rest, l.esc)
}
