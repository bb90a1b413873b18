package skip

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// maxName is the longest process name (TASK_COMM_LEN in include/linux/sched.h).
const maxName = 15

// ones is 0x01 in every byte, highs the highest bit of every byte.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// behindName are the words, by first letter, with which goes on what a kernel prints behind a process name and a space:
// " invoked oom-killer", ": page allocation", ": potentially"; or "kernel", where the first word is a host's.
var behindName = [256][]string{
	'i': {"invoked"}, 'k': {"kernel"}, 'p': {"page", "potentially"}, 'u': {"unhandled"}, 'v': {"vmalloc"},
}

// mayEndName tells whether a process name of at most 15 bytes may end in the head of a message, in a way that begins
// an anchor: by "[12]", or by one of those words; or whether a control byte may hide how long it is, or the first word
// is one of a wrapping ("[T12]"). An anchor further back is none.
//
// Nearly every line comes here, and few go further. It looks at eight bytes at a time, and then at the few places where
// a word ends, which takes a third of the time of a loop over the bytes.
func mayEndName(head *[headSize]byte) bool {
	first, second := word(head, 1), word(head, 1+wordSize)
	odd := controls(word(head, 0)) | controls(word(head, wordSize)) | controls(word(head, 2*wordSize))
	open := zeros(first^ones*'[') | zeros(second^ones*'[')
	// One bit for each byte: those of the second word stand between those of the first.
	spaces := zeros(first^ones*' ')&highs>>7 | zeros(second^ones*' ')&highs>>6
	if odd&highs != 0 || spaces == 0 || open&highs != 0 && mayEndID(head) {
		return true
	}
	for ; spaces != 0; spaces &= spaces - 1 {
		bit := bits.TrailingZeros64(spaces)
		if next := 2 + bit/8 + bit%8*8; behindName[head[next]] != nil && goesOnBehindName(head[next:]) {
			return true
		}
	}
	return false
}

func goesOnBehindName(text []byte) bool {
	for _, word := range behindName[text[0]] {
		if bytes.HasPrefix(text, []byte(word)) {
			return true
		}
	}
	return false
}

// mayEndID tells whether what stands after the first closing bracket may be what does
// after the id of a thread: "]: segfault", "]: unhandled", "] trap", "] general
// protection", "] control protection", "] vsyscall". Where a name holds a bracket of
// its own, it cannot tell.
func mayEndID(head *[headSize]byte) bool {
	end := bytes.IndexByte(head[:headSize-3], ']')
	if end < 0 || bytes.IndexByte(head[end+1:], ']') >= 0 {
		return true
	}
	after := head[end+1]
	if after == ':' {
		after = head[end+3]
	} else {
		after = head[end+2]
	}
	return bytes.IndexByte([]byte("sutgcv"), after) >= 0
}

// mayEndSignal tells whether a message may end as that of a fatal signal does,
// "signal 6.", which may stand behind a long file name; or in a colour.
func mayEndSignal(msg []byte) bool {
	switch last := msg[len(msg)-1]; last {
	case '.':
		number := msg[len(msg)-3 : len(msg)-1] // none is above 64
		return number[1]-'0' <= 9 && (number[0] == ' ' || number[0]-'0' <= 9 && msg[len(msg)-4] == ' ')
	case 'm', 'K':
		return true
	}
	return false
}

// zeros has the highest bit of each byte of w that is 0, and may have that of one
// after such a byte. Other bits mean nothing.
func zeros(w uint64) uint64 { return (w - ones) &^ w }

// controls is zeros for bytes below the space.
func controls(w uint64) uint64 { return (w - ones*' ') &^ w }

func word(head *[headSize]byte, at int) uint64 {
	return binary.LittleEndian.Uint64(head[at : at+8])
}
