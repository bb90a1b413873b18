package python

import "testing"

// TestDepthAt reads the table of
//
//	def f(lock):
//	    with lock:
//	        try: g()
//	        except ValueError: h()
//
// as Python 3.12 makes it, shortened: ranges of 2-byte instructions, each with the depth of the stack at its handler.
func TestDepthAt(t *testing.T) {
	table := []byte{
		0x80 | 4, 3, 21, 1 << 1, // from 4, 3 long, the handler is at 21, depth 1
		0x80 | 7, 10, 0x40 | 1, 2, 1<<1 | 1, // from 7, 10 long, the handler is at 66, depth 1, with lasti
		0x80 | 0x40 | 1, 0, 4, 30, 3 << 1, // from 64, 4 long, depth 3
	}
	for index, want := range map[uint64]uint64{3: 0, 4: 1, 6: 1, 7: 1, 16: 1, 17: 0, 64: 3, 67: 3, 68: 0} {
		if got := depthAt(table, index); got != want {
			t.Errorf("at %d: depth %d, want %d", index, got, want)
		}
	}
	if got := depthAt([]byte{0x80 | 0x40}, 0); got != 0 { // cut off
		t.Error(got)
	}
}
