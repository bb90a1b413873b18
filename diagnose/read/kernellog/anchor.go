package kernellog

import "bytes"

// An anchor stands behind a process name (15 bytes, each up to four as \xNN or six
// as \u00NN) and a thread id or " invoked oom-killer"; the one of fatal signals
// behind a file's name, too.
const (
	anchorWindow        = 48
	escapedAnchorWindow = 160
)

var (
	invokedAnchor = []byte(" invoked oom-killer: gfp_mask=")
	cpusetAnchor  = []byte(" cpuset=")
)

// classifyAnchor looks behind the process name. Every anchor has a space at its mark,
// so that it is enough to look there: this is what most lines of a log come to.
func classifyAnchor(msg []byte, esc escaping) class {
	end := min(len(msg), anchorWindow+1)
	if esc != escapeNone && bytes.IndexByte(msg[:end], '\\') >= 0 {
		end = min(len(msg), escapedAnchorWindow+1)
	}
	for at := 0; ; at++ {
		space := bytes.IndexByte(msg[at:end], ' ')
		if space < 0 {
			return noClass
		}
		if at += space; at == 0 {
			continue
		}
		if mark := msg[at-1]; mark == ':' || mark == ']' {
			if c := anchorAt(msg, at-1); c != noClass {
				return c
			}
		} else if bytes.HasPrefix(msg[at:], cpusetAnchor) {
			return oomCpuset
		}
	}
}

// anchorAt returns the class of the anchor whose mark is at i.
func anchorAt(msg []byte, i int) class {
	rest := msg[i+1:]
	starts := func(text string) bool { return len(rest) >= len(text) && string(rest[:len(text)]) == text }
	behind := func(text string) bool { return i >= len(text) && string(msg[i-len(text):i]) == text }
	found := noClass
	switch {
	case msg[i] == ']' && (starts(" general protection ") || starts(" trap ") || starts(" control protection ")):
		found = crashTrap
	case msg[i] == ']' && starts(" vsyscall attempted "):
		found = crashVsyscall
	case msg[i] == ']', !starts(" "):
	case starts(" gfp_mask=") && behind(" invoked oom-killer"):
		return oomInvoked
	case behind("]") && starts(" segfault "):
		found = crashFault
	case behind("]") && starts(" unhandled "), starts(" unhandled page fault ("):
		found = crashForeign
	case starts(" page allocation "), starts(" vmalloc"):
		found = troubleLine
	case starts(" potentially unexpected fatal "):
		found = crashSignal
	}
	if found != noClass && bytes.Contains(msg[i:min(len(msg), escapedAnchorWindow)], invokedAnchor) {
		return oomInvoked // a name that looks like a crash
	}
	return found
}
