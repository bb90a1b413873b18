package python

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

// threads walks the interpreters from one on.
func (r *reader) threads(interp uint64) []Thread {
	var list []Thread
	for range maxInterpreters {
		if interp == 0 {
			break
		}
		thread, _ := r.word(interp + r.interpThreads)
		for thread != 0 && len(list) < maxThreads {
			list = append(list, r.thread(thread))
			thread, _ = r.word(thread + r.threadNext)
		}
		interp, _ = r.word(interp + r.interpNext)
	}
	return list
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
