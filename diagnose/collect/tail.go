package collect

import (
	"bytes"
	"slices"
)

// Tail keeps the newest limit bytes of what is written to it, in one piece
// of memory that is never copied whole: it grows up to limit, then wraps around.
type Tail struct {
	limit   int
	buf     []byte
	next    int   // where the next byte goes once the buffer is full
	dropped int64 // bytes overwritten
}

// NewTail prepares a buffer; reserve is how much to allocate at once.
func NewTail(limit, reserve int64) *Tail {
	return &Tail{limit: int(limit), buf: make([]byte, 0, min(limit, reserve))}
}

func (t *Tail) Write(p []byte) (int, error) {
	n := len(p)
	if over := len(p) - t.limit; over > 0 {
		t.dropped += int64(over)
		p = p[over:]
	}
	if room := t.limit - len(t.buf); room > 0 {
		part := p[:min(room, len(p))]
		t.grow(len(part))
		t.buf = append(t.buf, part...)
		p = p[len(part):]
	}
	for len(p) > 0 {
		copied := copy(t.buf[t.next:], p)
		t.next = (t.next + copied) % t.limit
		t.dropped += int64(copied)
		p = p[copied:]
	}
	return n, nil
}

// grow doubles the room for n more bytes, but never beyond limit, as append would.
func (t *Tail) grow(n int) {
	if need := len(t.buf) + n; need > cap(t.buf) {
		bigger := make([]byte, len(t.buf), min(t.limit, max(need, 2*cap(t.buf))))
		copy(bigger, t.buf)
		t.buf = bigger
	}
}

// lines returns what was kept, oldest first, without a beginning that the wrap
// cut in two. The buffer must not be used afterwards.
func (t *Tail) lines() []byte {
	if t.dropped == 0 {
		return t.buf
	}
	slices.Reverse(t.buf[:t.next]) // three reversals rotate in place
	slices.Reverse(t.buf[t.next:])
	slices.Reverse(t.buf)
	cut := bytes.IndexByte(t.buf, '\n')
	return t.buf[cut+1:]
}
