package kernellog

import "time"

// origin is who wrote a line, as far as its wrapping tells.
type origin uint8

const (
	fromUnknown origin = iota // the form has no facility: taken for the kernel's
	fromKernel
	fromAudit // the kernel's audit subsystem, by way of journald
	fromUser  // any facility but kern, any syslog program but "kernel"
)

// line is one physical line taken out of its wrappings.
type line struct {
	no     int
	msg    []byte // still escaped as esc says; valid until the next line is read
	esc    escaping
	origin origin
	ident  []byte // the syslog program of a fromUser line
	level  int    // syslog level 0..7; -1 = not told

	cgroup string // of the process that a record of systemd-coredump is about

	hasBoot bool
	boot    float64 // kernel clock, seconds
	fine    bool    // the stamp has microseconds
	wall    time.Time

	seq     int64 // of /dev/kmsg; -1 = not told
	joined  bool  // /dev/kmsg flag c or +: a piece of an earlier record
	indent  bool  // a later line of the record above, printed without a stamp
	bootID  []byte
	plain   bool // "[  123.456789] msg", as it came
	several bool // it is a record that holds lines of a log
	hidden  bool // the message was left out by the tool that wrote the log
	fromTab bool // journald JSON: boots are told by bootID, not by the clock
}

// bare returns a line without what points into a buffer that is used again.
func (l *line) bare() line {
	b := *l
	b.msg, b.ident, b.bootID = nil, nil, nil
	return b
}

// trimEnd drops the line's end, and the NULs that pstore and serial consoles
// leave around it.
func trimEnd(b []byte) []byte {
	for len(b) > 0 {
		switch b[len(b)-1] {
		case '\n', '\r', 0:
			b = b[:len(b)-1]
			continue
		}
		break
	}
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	return b
}
