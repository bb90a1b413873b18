package kernellog

import "strings"

const (
	crashPatience = 64  // lines in which more about a crash may follow
	crashWindow   = 1.0 // seconds, likewise
	maxOpen       = 16
)

// crashReader joins the lines that the kernel writes about one crash: the fault,
// the audit record, and the signal with registers (kernel.print-fatal-signals=1).
type crashReader struct {
	emit  func(*Crash)
	open  []openCrash
	await *openCrash // a fatal signal whose thread is on the next CPU: line
}

type openCrash struct {
	crash   *Crash
	until   int
	boot    float64
	hasBoot bool
}

// crash parses a line of class c.
func (s *Scanner) crash(c class, l *line, msg []byte) bool {
	var crash *Crash
	switch c {
	case crashFault:
		crash = parseFault(string(msg))
	case crashTrap:
		crash = parseTrap(string(msg))
	case crashForeign:
		crash = parseForeign(string(msg))
	case crashVsyscall:
		crash = parseVsyscall(string(msg))
	case crashSignal:
		crash = parseFatalSignal(string(msg))
	case crashAudit:
		var ok bool
		crash, ok = parseAudit(string(msg), l.origin == fromAudit)
		if crash == nil {
			return ok
		}
	}
	if crash == nil {
		return false
	}
	crash.Hint = s.cpu.hint(crash)
	crash.BootSeconds, crash.Line, crash.Excerpt = bootSeconds(l), l.no, excerptOf(msg)
	if at := s.when(l); at != nil {
		crash.At = at
	}
	found := openCrash{crash: crash, until: l.no + crashPatience, boot: l.boot, hasBoot: l.hasBoot}
	if c == crashSignal {
		s.crashes.settle()
		s.crashes.await = &found
		return true
	}
	s.crashes.add(found)
	return true
}

// cpu completes a fatal signal by "CPU: 0 PID: 121 Comm: helper Not tainted …".
func (r *crashReader) cpu(msg []byte) {
	if r.await == nil {
		return
	}
	if tid, ok := tidOfCPU(msg); ok {
		r.await.crash.TID = tid
		_, comm, _ := strings.Cut(string(msg), " Comm: ")
		for _, end := range [...]string{" Not tainted ", " Tainted: "} {
			if i := strings.LastIndex(comm, end); i >= 0 {
				r.await.crash.Comm = comm[:i]
			}
		}
	}
	r.settle()
}

func (r *crashReader) settle() {
	if r.await != nil {
		found := *r.await
		r.await = nil
		r.add(found)
	}
}

// add joins a line to the crash that it is about, or opens a new one. The same id
// goes before the likeness of a thread and its process.
func (r *crashReader) add(found openCrash) {
	for _, same := range [...]func(o, found *openCrash) bool{sameID, sameProcess} {
		for i := len(r.open) - 1; i >= 0; i-- {
			o := &r.open[i]
			if compatible(o, &found) && same(o, &found) {
				merge(o.crash, found.crash)
				o.until = found.until
				return
			}
		}
	}
	if len(r.open) >= maxOpen {
		r.emit(r.open[0].crash)
		r.open = r.open[1:]
	}
	r.open = append(r.open, found)
}

func compatible(o, found *openCrash) bool {
	a, b := o.crash, found.crash
	if a.Signal != "" && b.Signal != "" && a.Signal != b.Signal {
		return false
	}
	return !o.hasBoot || !found.hasBoot || found.boot-o.boot <= crashWindow
}

// sameID compares ids: faults tell the thread's, audit records the process's, and
// of the main thread they are the same number.
func sameID(o, found *openCrash) bool {
	a, b := o.crash, found.crash
	switch {
	case a.TID != 0 && b.TID != 0:
		return a.TID == b.TID
	case a.PID != nil && b.PID != nil:
		return *a.PID == *b.PID
	case b.PID != nil && a.TID != 0:
		return *b.PID == a.TID
	}
	return a.PID != nil && *a.PID == b.TID
}

// sameProcess joins a thread's fault with the audit record of its process, which
// has a lower id and says the same name, and a nameless signal with what stands
// beside it.
func sameProcess(o, found *openCrash) bool {
	a, b := o.crash, found.crash
	if b.TID == 0 && b.PID == nil {
		return a.Comm == b.Comm || b.Comm == ""
	}
	return b.PID != nil && a.PID == nil && a.TID != 0 && *b.PID < a.TID && a.Comm == b.Comm
}

// tail reads the mapping of the latest fault where it came as a record of its own:
// " in libc.so.6[7ff1c7a95000+156000]".
func (r *crashReader) tail(msg []byte) bool {
	c := r.open[len(r.open)-1].crash
	if c.Object != "" || c.IP == "" || !strings.HasPrefix(string(msg), " in ") {
		return false
	}
	c.mapping(string(msg))
	return true
}

// merge adds what b tells and a does not.
func merge(a, b *Crash) {
	if a.At == nil {
		a.At = b.At
	}
	if a.Comm == "" {
		a.Comm = b.Comm
	}
	if a.TID == 0 {
		a.TID = b.TID
	}
	if a.PID == nil {
		a.PID = b.PID
	}
	if a.Signal == "" {
		a.Signal = b.Signal
	}
	if a.Exe == "" {
		a.Exe = b.Exe
	}
	if a.Syscall == nil {
		a.Syscall = b.Syscall
	}
	if a.Address == "" {
		a.Address = b.Address
	}
	if a.Object == "" {
		a.Object, a.ObjectOffset = b.Object, b.ObjectOffset
	}
	if a.ErrorBits == nil {
		a.ErrorBits = b.ErrorBits
	}
}

func (r *crashReader) expire(l *line) {
	if r.await != nil && l.no > r.await.until {
		r.settle()
	}
	for len(r.open) > 0 {
		o := &r.open[0]
		if l.no <= o.until && !(l.hasBoot && o.hasBoot && l.boot-o.boot > crashWindow) {
			return
		}
		r.emit(o.crash)
		r.open = r.open[1:]
	}
}

func (r *crashReader) flush() {
	r.settle()
	for _, o := range r.open {
		r.emit(o.crash)
	}
	r.open = nil
}
