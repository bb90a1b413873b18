package python

import "slices"

// Bounds of what is walked. The main thread's 8 MiB hold some 30,000 frames of a
// runaway recursion; sys.setrecursionlimit can allow more where frames are cheap.
const (
	maxInterpreters = 64
	maxThreads      = 4096
	maxDepth        = 200_000 // frames of one thread
	maxTotal        = 1_000_000
	keepNewest      = 100 // frames that are named, as faulthandler does
	keepOldest      = 20  // and, of a longer stack, where it began
)

// interpreters lists them from one on: the newest comes first, the main one last.
func (r *reader) interpreters(interp uint64) (list []uint64) {
	for interp != 0 && len(list) < maxInterpreters && !slices.Contains(list, interp) {
		list = append(list, interp)
		interp = r.at(interp + r.interpNext)
	}
	return list
}

// threads walks the interpreters' threads. One that runs code of several has a stack in each: the newer interpreter's
// lies on top, for it was called from the older one.
func (r *reader) threads(interps []uint64) []Thread {
	var list []Thread
	known := map[uint64]int{} // by identity
	for _, interp := range interps {
		thread, _ := r.word(interp + r.interpThreads)
		for n := 0; thread != 0 && n < maxThreads && len(list) < maxThreads; n++ {
			t := r.thread(thread)
			if at, ok := known[t.Ident]; ok && t.Ident != 0 {
				list[at].below(t)
			} else {
				known[t.Ident] = len(list)
				list = append(list, t)
			}
			thread, _ = r.word(thread + r.threadNext)
		}
	}
	return list
}

// below puts another interpreter's stack of the same thread under its own.
func (t *Thread) below(older Thread) {
	if t.NativeID == 0 {
		t.NativeID = older.NativeID
	}
	if t.Note != "" || t.Depth > len(t.Frames) { // the middle is left out: where the older one begins is not seen
		return
	}
	t.Frames, t.Depth, t.Note = append(t.Frames, older.Frames...), t.Depth+older.Depth, older.Note
	t.selves, t.at = append(t.selves, older.selves...), append(t.at, older.at...)
}

func (r *reader) thread(addr uint64) Thread {
	var t Thread
	t.Ident, _ = r.word(addr + r.threadIdent)
	if r.threadNative != 0 {
		t.NativeID, _ = r.word(addr + r.threadNative)
	}
	frame, ok := r.word(addr + r.threadFrame)
	if ok && r.viaCFrame && frame != 0 {
		frame, ok = r.word(frame + r.cframeCurrent)
	}
	if !ok {
		t.Note = "the thread's newest frame cannot be read"
		return t
	}
	r.walk(frame, &t)
	return t
}

// walk follows a thread's frames, newest first. Of a long stack the middle is
// counted and not named.
func (r *reader) walk(frame uint64, t *Thread) {
	var oldest [keepOldest]uint64
	mark, markAt := frame, 1 // Brent's: a frame that was freed while it was read may lead in a circle
	for depth := 0; frame != 0; depth++ {
		if depth == markAt {
			mark, markAt = frame, 2*markAt
		}
		if depth >= maxDepth || r.walked >= maxTotal || depth > 0 && depth != markAt/2 && frame == mark {
			t.Note = "the stack has no end: its frames are damaged"
			return
		}
		r.walked++
		if !r.shim(frame) {
			if t.Depth < keepNewest {
				f, ok := r.frame(frame)
				if !ok {
					t.Note = "a frame cannot be read: it was not dumped, or is damaged"
					return
				}
				t.Frames = append(t.Frames, f)
				if r.named {
					t.selves, t.at = append(t.selves, r.firstLocal(frame)), append(t.at, frame)
				}
			} else {
				oldest[t.Depth%keepOldest] = frame
			}
			t.Depth++
		}
		next, ok := r.word(frame + r.framePrev)
		if !ok {
			t.Note = "the stack goes on, but the rest was not dumped"
			return
		}
		frame = next
	}
	r.appendOldest(oldest[:], t)
}

// appendOldest names the frames where a long stack began.
func (r *reader) appendOldest(ring []uint64, t *Thread) {
	for depth := max(keepNewest, t.Depth-len(ring)); depth < t.Depth; depth++ {
		f, ok := r.frame(ring[depth%len(ring)])
		if !ok {
			return
		}
		t.Frames = append(t.Frames, f)
	}
}

// shim tells whether a frame only ties C code to Python.
func (r *reader) shim(frame uint64) bool {
	if r.frameOwner == 0 {
		return false
	}
	var b [1]byte
	return r.ReadMemory(frame+r.frameOwner, b[:]) == nil && b[0] >= cStackOwner
}

func (r *reader) frame(addr uint64) (Frame, bool) {
	at, ok := r.word(addr + r.frameCode)
	if !ok {
		return Frame{}, false
	}
	if r.tagged {
		at &^= 7
	}
	c, ok := r.codeAt(at)
	if !ok {
		return Frame{}, false
	}
	f := Frame{File: c.file, Function: c.function}
	if index, ok := r.instruction(addr, at); ok && c.lines != nil {
		f.Line = max(r.lines(c.lines, c.first, index), 0)
	}
	return f, true
}

// instruction returns where in its code a frame stands: in bytes from 3.11 on, in
// the frame's own index before.
func (r *reader) instruction(frame, code uint64) (int64, bool) {
	if r.codeBytes == 0 {
		n, ok := r.number(frame + r.frameInstr)
		return int64(int32(n)), ok
	}
	at, ok := r.word(frame + r.frameInstr)
	return int64(at - code - r.codeBytes), ok
}
