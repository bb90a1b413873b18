package envelope

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/severity"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
)

// Stream is where a program wrote a line.
type Stream uint8

// The streams.
const (
	StreamUnknown Stream = iota
	Stdout
	Stderr
	Streams // how many there are
)

func (s Stream) String() string { return [...]string{"", "stdout", "stderr"}[s] }

// streamOf reads a stream's name, also as Cloud Foundry shortens it.
func streamOf(name []byte) (Stream, bool) {
	switch string(name) {
	case "stdout", "OUT":
		return Stdout, true
	case "stderr", "ERR":
		return Stderr, true
	}
	return StreamUnknown, false
}

// Line is a message and what stood around it. Its slices are valid until the next line is opened.
type Line struct {
	Text []byte // the message; may hold several lines where the envelope escaped their ends

	Stamp stamp.Time // of the outermost envelope that has one
	Host  []byte
	// Service is the unit, container or program as the outermost envelope names it: "gateway-1" of compose,
	// "gateway.service" of journald, "gateway" of "gateway[812]:", the tag of a shipper.
	Service   []byte
	Pod       []byte // with Container, of Kubernetes
	Container []byte
	// Shipped: the source is told in the words of compose, Kubernetes or a shipper, who name containers: where the log is
	// that of one container, the line is another's.
	Shipped  bool
	PID      int // of "name[812]:"; zero where it does not say
	Stream   Stream
	Facility int // of syslog; -1 where it does not say
	Level    severity.Level

	// Program is the syslog program of the innermost header, and Forged that an outer header named another one: a process
	// can print any header, so what an inner one claims is its word against the outer one's.
	Program []byte
	Forged  bool

	// Record: the line is a whole JSON record of an application's own logger, so what stands before it or after it
	// belongs to another record. Exception is its traceback as a list of objects (structlog's dict_tracebacks), raw.
	// Object is the record as it stands.
	Record    bool
	Exception []byte
	Object    []byte
	// Fatal: the record is of a logger that ends its program with a line of this level (logrus's level=fatal).
	Fatal bool
	// Part: the rest of the message follows in the next line of the same service and stream.
	Part bool
	// Continued: the line has no envelope of its own and goes on with the record above.
	Continued bool
	Depth     int  // envelopes taken off
	dropped   bool // it is nothing but an envelope
	piece     bool // the runtime says whether it is a part
	wraps     bool // the next line may go on with its message
	continues bool // it goes on with the message of the line before
	// Hidden: the envelope says that there is a message and does not give it (journalctl's null).
	Hidden bool
}

// reset makes l a line of which nothing is known.
func (l *Line) reset(text []byte) {
	*l = Line{Text: text, Facility: -1, Level: severity.Unknown}
}

// AppendSource appends what tells the sources of one log apart: pod and container, or the service.
func (l *Line) AppendSource(to []byte) []byte {
	switch {
	case len(l.Pod) > 0 && len(l.Container) > 0:
		return append(append(append(to, l.Pod...), '/'), l.Container...)
	case len(l.Pod) > 0:
		return append(to, l.Pod...)
	case len(l.Container) > 0:
		return append(to, l.Container...)
	}
	return append(to, bytes.TrimSuffix(l.Service, []byte(".service"))...)
}

// named notes the service of an envelope, of which the outermost counts.
func (l *Line) named(name []byte) {
	if len(l.Service) == 0 {
		l.Service = name
	}
}

// program notes a syslog header's program: "gateway", or "kernel".
func (l *Line) program(host, name []byte, pid int) {
	if len(l.Program) > 0 && !bytes.Equal(l.Program, name) {
		l.Forged = true
	}
	l.Program = name
	l.named(name)
	if len(l.Host) == 0 {
		l.Host = host
	}
	if l.PID == 0 {
		l.PID = pid
	}
}

// stamped notes a time, of which the outermost counts; one that has neither year nor zone gives way to a whole one.
func (l *Line) stamped(s stamp.Time) {
	switch {
	case s.Known && (!l.Stamp.Known || l.Stamp.NoYear && !s.NoYear):
		l.Stamp = s
	case !l.Stamp.Shown:
		l.Stamp = s
	}
}

// priority notes the number in front of a syslog line: facility times eight, plus the level.
func (l *Line) priority(n int) {
	if l.Facility < 0 {
		l.Facility, l.Level = n>>3, severity.Level(n&7)
	}
}

// leveled notes a level, of which the outermost counts.
func (l *Line) leveled(level severity.Level) {
	if l.Level == severity.Unknown {
		l.Level = level
	}
}
