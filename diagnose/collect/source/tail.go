package source

import (
	"bytes"
	"slices"
)

// Tail keeps the newest limit bytes of what is written to it, in one piece
// of memory that is never copied whole: it grows up to limit, then wraps around.
type Tail struct {
	limit   int
	Buf     []byte
	next    int   // where the next byte goes once the buffer is full
	Dropped int64 // bytes overwritten
}

// NewTail prepares a buffer; reserve is how much to allocate at once.
func NewTail(limit, reserve int64) *Tail {
	return &Tail{limit: int(limit), Buf: make([]byte, 0, min(limit, reserve))}
}

func (t *Tail) Write(p []byte) (int, error) {
	n := len(p)
	if over := len(p) - t.limit; over > 0 {
		t.Dropped += int64(over)
		p = p[over:]
	}
	if room := t.limit - len(t.Buf); room > 0 {
		part := p[:min(room, len(p))]
		t.grow(len(part))
		t.Buf = append(t.Buf, part...)
		p = p[len(part):]
	}
	for len(p) > 0 {
		copied := copy(t.Buf[t.next:], p)
		t.next = (t.next + copied) % t.limit
		t.Dropped += int64(copied)
		p = p[copied:]
	}
	return n, nil
}

// grow doubles the room for n more bytes, but never beyond limit, as append would.
func (t *Tail) grow(n int) {
	if need := len(t.Buf) + n; need > cap(t.Buf) {
		bigger := make([]byte, len(t.Buf), min(t.limit, max(need, 2*cap(t.Buf))))
		copy(bigger, t.Buf)
		t.Buf = bigger
	}
}

// Lines returns what was kept, oldest first, without a beginning that the wrap
// cut in two. The buffer must not be used afterwards.
func (t *Tail) Lines() []byte {
	if t.Dropped == 0 {
		return t.Buf
	}
	slices.Reverse(t.Buf[:t.next]) // three reversals rotate in place
	slices.Reverse(t.Buf[t.next:])
	slices.Reverse(t.Buf)
	cut := bytes.IndexByte(t.Buf, '\n')
	return t.Buf[cut+1:]
}
