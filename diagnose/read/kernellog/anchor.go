package kernellog

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

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

// classifyAnchor looks behind the process name. It stops only at the few bytes
// that an anchor can have, since this is what most lines of a log come to.
func classifyAnchor(msg []byte, esc escaping) class {
	if esc != escapeOctal && !mayAnchor(msg, esc) && !bytes.Contains(msg[:min(len(msg), anchorWindow)], cpusetAnchor) {
		return noClass
	}
	end := min(len(msg), anchorWindow)
	for i := 0; i < end; i++ {
		switch msg[i] {
		case '\\':
			if esc != escapeNone {
				end = min(len(msg), escapedAnchorWindow)
			}
		case ':', ']', '=':
			if c := anchorAt(msg, i); c != noClass {
				return c
			}
		}
	}
	return noClass
}

// mayAnchor is what meansNothing asks of a message's anchors, of any message.
func mayAnchor(msg []byte, esc escaping) bool {
	var head [headSize]byte
	n := copy(head[:], msg)
	return (mayEndName(&head) || mayEndSignal(msg)) && (esc != escapeNone || mayHoldAnchor(&head, n))
}

// anchorAt returns the class of the anchor whose mark is at i.
func anchorAt(msg []byte, i int) class {
	rest := msg[i+1:]
	starts := func(text string) bool { return len(rest) >= len(text) && string(rest[:len(text)]) == text }
	behind := func(text string) bool { return i >= len(text) && string(msg[i-len(text):i]) == text }
	found := noClass
	switch {
	case msg[i] == '=':
		if behind(" cpuset") {
			return oomCpuset
		}
	case msg[i] == ']' && (starts(" general protection ") || starts(" trap ") || starts(" control protection ")):
		found = crashTrap
	case msg[i] == ']', !starts(" "):
	case starts(" gfp_mask=") && behind(" invoked oom-killer"):
		return oomInvoked
	case behind("]") && starts(" segfault "):
		found = crashFault
	case behind("]") && starts(" unhandled "), starts(" unhandled page fault ("):
		found = crashForeign
	case starts(" page allocation "):
		found = troubleLine
	case starts(" potentially unexpected fatal "):
		found = crashSignal
	}
	if found != noClass && bytes.Contains(msg[i:min(len(msg), escapedAnchorWindow)], invokedAnchor) {
		return oomInvoked // a name that looks like a crash
	}
	return found
}

// ones is 0x01 in every byte, highs the highest bit of every byte.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// mayEndName tells whether a process name of at most 15 bytes may end in the head
// of a message, in a way that begins an anchor: by "[12]", " invoked oom-killer",
// ": page allocation", ": potentially" or ": unhandled"; or whether an escape or a
// control byte may hide how long it is, or the first word is one of a wrapping. An
// anchor further back is none: a longer name has an escape in its first 15 bytes.
//
// Nearly every line comes here, and few go further: a test costs no branch.
func mayEndName(head *[headSize]byte) bool {
	var found, spaces uint64
	for at := 1; at <= commLen; at += 8 {
		before, w, next := word(head, at-1), word(head, at), word(head, at+1)
		space := zeros(w ^ ones*' ')
		found |= zeros(w^ones*'[') | zeros(before^ones*'\\') | space&zeros(next|ones*2^ones*'k') // or 'i'
		fourth := word(head, at+4)
		found |= space & zeros(before^ones*':') & (zeros(next^ones*'p') | zeros(next^ones*'u')) & zeros(fourth|ones*4^ones*'e') // or 'a'
		found |= controls(before) | controls(next)
		spaces |= space
	}
	return (found|controls(word(head, commLen+2)))&highs != 0 || spaces&highs == 0
}

// mayEndSignal tells whether a message may end as that of a fatal signal does,
// "signal 6.", which may stand behind a long file name; or in a colour.
func mayEndSignal(msg []byte) bool {
	switch last := msg[len(msg)-1]; last {
	case '.':
		return msg[len(msg)-2]-'0' <= 9
	case 'm', 'K':
		return true
	}
	return false
}

// zeros has the highest bit of each byte of w that is 0, and may have that of one
// behind such a byte. Other bits mean nothing.
func zeros(w uint64) uint64 { return (w - ones) &^ w }

// controls is zeros for bytes below the space.
func controls(w uint64) uint64 { return (w - ones*' ') &^ w }

func word(head *[headSize]byte, at int) uint64 {
	return binary.LittleEndian.Uint64(head[at : at+8])
}

const (
	// anchorReach is how far an anchor is looked for: a colour before it could move
	// it.
	anchorReach = anchorWindow + 8
	// headSize is what is looked at for that: a mark, its space, and four letters.
	headSize = anchorReach + len(": gfp_")
)

// mayHoldAnchor tells whether the first bytes of a message of n bytes may hold what
// classifyAnchor looks for, a control byte, or the "kernel: " of a further wrapping
// behind its first word. What stands in head behind the message does not matter.
//
// It looks at eight bytes at a time for a control byte, or for ':' or ']' before a
// space, and gathers where they are, one bit each.
func mayHoldAnchor(head *[headSize]byte, n int) bool {
	var found, spaces uint64
	for at := 0; at < anchorReach; at += 8 {
		w, space := word(head, at), zeros(word(head, at+1)^ones*' ')
		marks := controls(w) | space&(zeros(w^ones*':')|zeros(w^ones*']'))
		spaces |= space
		found |= (marks & highs >> 7 * gather >> 56) << at
	}
	for ; found != 0; found &= found - 1 {
		i := bits.TrailingZeros64(found)
		if i >= n {
			break
		}
		if head[i] < ' ' || isAnchor(head, i) {
			return true
		}
	}
	return spaces&highs == 0 && n >= anchorReach
}

// gather times eight bytes of 0 or 1 has those in its highest byte, one bit each.
const gather = 0x0102040810204080

// isAnchor tells whether the mark at i can be that of an anchor: ": gfp_mask=",
// ": segfault", ": unhandled", ": page allocation", ": potentially"; "] general
// protection", "] trap", "] control protection"; or that of "kernel: ".
func isAnchor(head *[headSize]byte, i int) bool {
	if i > 0 && head[i-1] == 'l' && bytes.HasSuffix(head[:i], []byte(" kernel")) {
		return true
	}
	switch binary.BigEndian.Uint32(head[i+2:]) { // four letters at once
	case 'g'<<24 | 'f'<<16 | 'p'<<8 | '_', 's'<<24 | 'e'<<16 | 'g'<<8 | 'f', 'u'<<24 | 'n'<<16 | 'h'<<8 | 'a',
		'p'<<24 | 'a'<<16 | 'g'<<8 | 'e', 'p'<<24 | 'o'<<16 | 't'<<8 | 'e':
		return head[i] == ':'
	case 'g'<<24 | 'e'<<16 | 'n'<<8 | 'e', 't'<<24 | 'r'<<16 | 'a'<<8 | 'p', 'c'<<24 | 'o'<<16 | 'n'<<8 | 't':
		return head[i] == ']'
	}
	return false
}
