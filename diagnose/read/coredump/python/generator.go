package python

// maxAwaits bounds how deep one coroutine may wait in others.
const maxAwaits = 200

// progress is how far a coroutine or generator has come.
type progress int

const (
	progressUnknown progress = iota
	progressCreated
	progressSuspended
	progressRunning
	progressDone
)

// isGenerator tells whether an object has a frame that it keeps while it waits.
func isGenerator(kind string) bool {
	return kind == "coroutine" || kind == "generator" || kind == "async_generator"
}

// isWrapper tells whether an object stands for another one that is awaited.
func isWrapper(kind string) bool {
	switch kind {
	case "coroutine_wrapper", "async_generator_asend", "async_generator_athrow", "anext_awaitable":
		return true
	}
	return false
}

// frameOf returns a generator's frame; 0 = it has none any more.
func (r *reader) frameOf(gen uint64) uint64 {
	if r.objects.gen.pointer {
		return r.at(gen + r.objects.gen.frame)
	}
	return gen + r.objects.gen.frame
}

// progress tells how far a generator has come. 3.9 has a flag while it runs and the
// last instruction; later a state, whose numbers changed with 3.10, 3.11 and 3.13.
func (r *reader) progress(gen uint64) progress {
	frame := r.frameOf(gen)
	if frame == 0 {
		return progressDone
	}
	switch r.version {
	case "3.9":
		return r.progressByFlag(gen, frame)
	case "3.10":
		state, ok := r.byteAt(frame + r.objects.gen.state)
		return progressOf(int8(state), ok, -2, -1, -1, 0)
	}
	state, ok := r.byteAt(gen + r.objects.gen.state)
	if r.version == "3.11" || r.version == "3.12" {
		return progressOf(int8(state), ok, -2, -1, -1, 0)
	}
	return progressOf(int8(state), ok, -3, -2, -1, 0)
}

func (r *reader) progressByFlag(gen, frame uint64) progress {
	running, ok := r.byteAt(gen + 24)
	last, ok2 := r.number(frame + r.frameInstr)
	switch {
	case !ok || !ok2:
		return progressUnknown
	case running != 0:
		return progressRunning
	case int32(last) < 0:
		return progressCreated
	}
	return progressSuspended
}

func progressOf(state int8, ok bool, created, suspendedFrom, suspendedTo, running int8) progress {
	switch {
	case !ok:
		return progressUnknown
	case state == created:
		return progressCreated
	case state >= suspendedFrom && state <= suspendedTo:
		return progressSuspended
	case state == running:
		return progressRunning
	case state > running:
		return progressDone
	}
	return progressUnknown
}

// awaited returns what a suspended frame waits for: the top of its stack of values.
func (r *reader) awaited(frame uint64) uint64 {
	switch r.version {
	case "3.9":
		return r.at(r.at(frame+72) - 8)
	case "3.10":
		depth, ok := r.number(frame + 80)
		if !ok || depth == 0 || depth > 1<<16 {
			return 0
		}
		return r.at(r.at(frame+64) + 8*uint64(depth-1))
	case "3.14":
		return r.at(r.at(frame+64)-8) &^ 7
	}
	top, ok := r.number(frame + 64)
	if !ok || int32(top) < 1 || top > 1<<16 {
		return 0
	}
	return r.at(frame + 72 + 8*uint64(top-1))
}

// waiting is the stack of what is suspended.
type waiting struct {
	frames []Frame  // newest first
	selves []uint64 // of each frame its first argument, for who holds what
	at     []uint64 // where each lies
	kind   string   // the type of what the innermost one waits for
	object uint64   // that
	inner  string   // the type of the innermost one itself
	note   string
}

// wait follows what a coroutine waits for, until something that is no generator. No
// instruction is looked at: the type of what lies on top of the stack decides.
func (r *reader) wait(object uint64) waiting {
	var w waiting
	seen := map[uint64]bool{}
	for range maxAwaits {
		kind := r.typeOf(object)
		w.kind, w.object = kind, object
		if object == 0 || seen[object] {
			break
		}
		seen[object] = true
		if isWrapper(kind) {
			object = r.at(object + wrapped)
			continue
		}
		if !isGenerator(kind) {
			break
		}
		state := r.progress(object)
		if state != progressSuspended && len(w.frames) > 0 {
			w.note = "it moves" // the inner one begins, runs or has ended, and the outer one has not noticed
			break
		}
		if state == progressDone || state == progressUnknown {
			break
		}
		frame := r.frameOf(object)
		f, ok := r.frame(frame)
		if !ok {
			w.note = "a frame cannot be read"
			break
		}
		w.frames = append(w.frames, f)
		w.selves, w.at = append(w.selves, r.firstLocal(frame)), append(w.at, frame)
		w.inner = kind
		if state != progressSuspended {
			break
		}
		object = r.awaited(frame)
	}
	reverse(w.frames)
	reverse(w.selves)
	reverse(w.at)
	return w
}

// torn tells that a stack was read while a task took its next step. The process may be off its processor for both of
// two readings, so that they agree: 3 of 490,000 tasks at a load of 40. At rest what a coroutine has on top of its
// stack is an iterator, never a Future or a Task itself, and what the innermost one waits for is what its task waits
// for. A generator may yield with nothing on its stack.
func (r *reader) torn(w waiting, waiter uint64) bool {
	if w.kind == "FutureIter" {
		return waiter != 0 && r.at(w.object+wrapped) != waiter
	}
	return w.inner != "generator" && (w.object == 0 || r.at(r.at(w.object+objectType)+typeNext) == 0)
}

// firstLocal returns a frame's first argument: of a method the object.
func (r *reader) firstLocal(frame uint64) uint64 {
	switch r.version {
	case "3.9":
		return r.at(frame + 360)
	case "3.10":
		return r.at(frame + 352)
	case "3.14":
		return r.at(frame+80) &^ 7
	}
	return r.at(frame + 72)
}

func reverse[T any](list []T) {
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
}
