package kernellog

import (
	"bytes"
	"strconv"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
)

const maxWrappings = 5 // the kernel's own stamps, which stand one in the other

// unwrapper takes lines out of their wrappings: those of the kernel and of dmesg, which
// it knows, and what journals, syslogs, runtimes, shippers and people put around them,
// which package envelope learns from the log.
type unwrapper struct {
	zone    *time.Location
	near    time.Time
	stamped bool // a line of this log had a stamp
	kmsg    bool // the last line was a /dev/kmsg record
	clock   stamp.Clock
	opener  *envelope.Opener
	opened  envelope.Line
	guessed guessed
}

// guessed counts what the stamps did not say.
type guessed struct {
	years, zones int
	unread       int    // in a language that is not known
	stamp        string // the first of those
	unclear      string // the first word of a zone that means several
}

func newUnwrapper(zone *time.Location, near time.Time) unwrapper {
	clock := stamp.Clock{Zone: zone, Near: near}
	u := unwrapper{zone: zone, near: near, clock: clock, opener: envelope.NewOpener(clock)}
	u.opener.Known = known
	return u
}

// known tells whether a text begins as a line of the kernel's, with its stamp or without (envelope.Opener.Known).
func known(text []byte, inside bool) bool {
	if inside {
		return false
	}
	var u unwrapper
	l := line{msg: text, seq: -1}
	if kmsgHeader(&l) || u.kernelStamp(&l) {
		return len(l.msg) > 0
	}
	return len(text) > 6 && (prefixClass(text) != noClass || nameBegins(text) && classify(text, escapeNone) != noClass)
}

// nameBegins tells whether a text begins with the name of a process, without a person's marks, and what a kernel puts
// behind it: its id, what it could not do, or that it invoked the OOM killer.
func nameBegins(text []byte) bool {
	for i, c := range text[:min(len(text), commLen+1)] {
		isName := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '/' || c == '.'
		rest := text[i:]
		switch {
		case bytes.HasPrefix(rest, []byte("//")) || bytes.HasPrefix(rest, []byte(". ")):
			return false
		case i == 0:
		case c == '[' || bytes.HasPrefix(rest, invokedAnchor) || bytes.HasPrefix(rest, cpusetAnchor):
			return true
		case bytes.HasPrefix(rest, []byte(": ")):
			return anchorAt(text, i) != noClass
		}
		if !isName && (i == 0 || bytes.IndexByte([]byte(" -:+~#()@"), c) < 0) {
			return false
		}
	}
	return false
}

// unwrap fills l from one physical line; ahead is the text that begins with it, from
// which may be learned. It never fails: what it does not know stays part of the message.
func (u *unwrapper) unwrap(text, ahead []byte, l *line) {
	*l = line{no: l.no, msg: withoutColours(text), level: -1, seq: -1}
	if len(l.msg) == 0 {
		return
	}
	if rest, ok := bytes.CutPrefix(l.msg, []byte("data: {")); ok { // journalctl -o json-sse
		l.msg = l.msg[len(l.msg)-len(rest)-1:]
	}
	l.msg = bytes.TrimPrefix(l.msg, []byte("\x1e")) // and json-seq (RFC 7464)
	if len(l.msg) == 0 {
		return
	}
	kmsg := kmsgHeader(l)
	switch {
	case kmsg, u.kernelStamp(l):
	case u.kmsg && l.msg[0] == ' ':
		l.msg = nil // " SUBSYSTEM=…", a tag of the record above
		return
	case l.msg[0] == '{' && u.object(l):
	case !u.open(ahead, l) && !reported(l) && isBlank(l.msg[0]):
		u.unstamped(l)
		return
	}
	if l.origin == fromUnknown && !l.hasBoot && !kmsg {
		reported(l)
	}
	u.kmsg = kmsg
	u.kernelStamps(l)
	l.plain = text[0] == '[' && l.hasBoot
	u.stamped = u.stamped || l.hasBoot || !l.wall.IsZero()
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// unstamped handles a line that begins with white space and has no stamp: a later line
// of the record above, which util-linux dmesg and journalctl indent and do not stamp.
func (u *unwrapper) unstamped(l *line) {
	if rest := bytes.TrimLeft(l.msg, " \t"); u.stamped {
		l.msg, l.indent = rest, true
	}
}

// kernelStamp strips one stamp of the kernel or of dmesg, also one that is indented as a
// whole, and tells whether there was one.
func (u *unwrapper) kernelStamp(l *line) bool {
	msg := l.msg
	if len(msg) > 0 && isBlank(msg[0]) {
		msg = bytes.TrimLeft(msg, " \t")
	}
	switch {
	case len(msg) == 0:
	case msg[0] == '[':
		whole := l.msg
		if l.msg = msg; u.bracket(l) {
			return true
		}
		l.msg = whole
	case msg[0] >= 'a' && msg[0] <= 'z' && len(msg) == len(l.msg):
		return levelNames(l) || u.repeated(l)
	}
	return false
}

// kernelStamps strips what stamps of the kernel are left behind another wrapping.
func (u *unwrapper) kernelStamps(l *line) {
	for range maxWrappings {
		if len(l.msg) == 0 || l.hidden {
			return
		}
		origin, ident := l.origin, l.ident
		if !u.kernelStamp(l) && !(l.seq < 0 && kmsgHeader(l)) && !kernelWord(l) {
			return
		}
		if origin == fromUser { // what a program wrote may look like any wrapping: the outermost counts
			l.origin, l.ident = origin, ident
		}
	}
}

// kernelWord strips "kernel: ", which stands alone where the time and the host were left out.
func kernelWord(l *line) bool {
	rest, ok := bytes.CutPrefix(l.msg, []byte("kernel: "))
	if ok {
		l.msg = rest
		l.believe(fromKernel, nil)
	}
	return ok
}

// believe notes who wrote a line, unless a wrapping further out told.
func (l *line) believe(by origin, ident []byte) {
	if l.origin == fromUnknown {
		l.origin, l.ident = by, ident
	}
}

// open takes off what package envelope knows, and tells whether there was anything.
func (u *unwrapper) open(ahead []byte, l *line) bool {
	if u.opener.Wants() {
		u.opener.Learn(ahead[:min(len(ahead), envelope.LearnBytes)])
	}
	e := &u.opened
	whole := l.msg
	u.opener.Open(whole, e)
	if e.Depth == 0 {
		return u.bareTime(l)
	}
	l.msg, l.hidden = e.Text, e.Hidden
	u.stamp(e.Stamp, l)
	if bytes.IndexByte(e.Text, '\n') > 0 && holdsLog(e.Text) {
		l.several = true
		return true
	}
	l.level = int(e.Level)
	if e.Facility > 0 || e.Facility == 0 && len(e.Program) > 0 && !isKernelName(e.Program) {
		l.believe(fromUser, e.Program)
	}
	if len(e.Program) > 0 {
		u.program(e, l)
		l.esc = escapeOctal
	}
	u.bareTime(l)
	return true
}

// holdsLog tells whether a text of several lines has lines of a kernel log: a record may hold a whole one.
func holdsLog(text []byte) bool {
	const enough = 4096
	n := 0
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		if n++; known(line, false) {
			return true
		}
		if n > enough {
			break
		}
	}
	return false
}

func isKernelName(name []byte) bool { return string(name) == "kernel" || string(name) == "audit" }

// program notes the program of a syslog header. A process of its own right is no
// program: "python3[12]: segfault at …" is what a kernel says, without its header.
func (u *unwrapper) program(e *envelope.Line, l *line) {
	switch name := string(e.Program); {
	case e.Forged:
		l.believe(fromUser, e.Program)
	case name == "kernel" && e.PID == 0: // the kernel has no pid: "kernel[812]" is of logger -i -t kernel
		l.believe(fromKernel, nil)
	case name == "audit":
		l.believe(fromAudit, nil)
	case e.PID != 0 && (bytes.HasPrefix(l.msg, []byte("segfault ")) || bytes.HasPrefix(l.msg, []byte("unhandled "))) &&
		len(name) <= commLen:
		l.msg = append(append(append([]byte(name), '['), []byte(strconv.Itoa(e.PID)+"]: ")...), l.msg...)
	default:
		l.believe(fromUser, e.Program)
	}
}

// bareTime strips a time of day that nothing but the message follows: no message of the
// kernel begins with one.
func (u *unwrapper) bareTime(l *line) bool {
	s, n := u.date(l.msg)
	if n == 0 {
		s, n = u.clock.Words(l.msg)
	}
	if n == 0 || n >= len(l.msg) || l.msg[n] != ' ' {
		return false
	}
	u.stamp(s, l)
	l.msg = bytes.TrimLeft(l.msg[n:], " ")
	return true
}

// stamp takes a time over. One without a zone counts only where the zone is known, one
// without a year where a time near it is.
func (u *unwrapper) stamp(s stamp.Time, l *line) {
	if s.Unclear != "" && u.guessed.unclear == "" {
		u.guessed.unclear = s.Unclear
	}
	switch {
	case s.Shown && !s.Known:
		u.guessed.unread++
		return
	case !s.Known || !l.wall.IsZero():
		return
	case s.NoZone && u.zone == nil, s.NoYear && u.near.IsZero():
		u.stamped = true
		return
	}
	if s.NoZone {
		u.guessed.zones++
	}
	if s.NoYear {
		u.guessed.years++
	}
	l.wall, l.fine = time.Unix(0, s.At), l.fine || s.Fine
	if s.NoZone {
		l.wall = l.wall.In(u.zone)
	} else {
		l.wall = l.wall.UTC()
	}
}

// kmsgHeader strips "6,1234,567890,-;" (Documentation/ABI/testing/dev-kmsg):
// facility*8+level, sequence number, microseconds, flags, and fields to come such
// as "caller=T12". Extended netconsole puts the kernel's release in front.
func kmsgHeader(l *line) bool {
	head := l.msg[:min(len(l.msg), 160)]
	end := bytes.IndexByte(head, ';')
	if end < 0 {
		return false
	}
	head = head[:end]
	first, rest, _ := bytes.Cut(head, []byte(","))
	pri, ok := number(first)
	if !ok && bytes.IndexByte(first, '.') > 0 {
		first, rest, _ = bytes.Cut(rest, []byte(","))
		pri, ok = number(first)
	}
	seqText, rest, more := bytes.Cut(rest, []byte(","))
	usText, rest, _ := bytes.Cut(rest, []byte(","))
	seq, ok2 := number(seqText)
	us, ok3 := number(usText)
	if !ok || !ok2 || !ok3 || !more {
		return false
	}
	flags, _, _ := bytes.Cut(rest, []byte(","))
	l.setPriority(pri)
	l.seq, l.hasBoot, l.fine = seq, true, true
	l.boot = seconds(us)
	l.joined = bytes.IndexByte(flags, 'c') >= 0 || bytes.IndexByte(flags, '+') >= 0
	l.msg, l.esc = l.msg[end+1:], escapeHex
	return true
}

func (l *line) setPriority(pri int64) {
	l.level = int(pri & 7)
	if pri>>3 != 0 {
		l.origin = fromUser
		return
	}
	l.origin = fromKernel
}

// levelNames strips "kern  :info  : ", dmesg -x, and "kern:    info: ", talosctl dmesg.
func levelNames(l *line) bool {
	facility, rest, ok := cutWithin(l.msg, ':', 10)
	if !ok {
		return false
	}
	name := bytes.TrimRight(facility, " ")
	level, rest, ok := cutWithin(rest, ':', 10)
	if !ok || len(rest) == 0 || rest[0] != ' ' {
		return false
	}
	n, known := levelOf(string(bytes.TrimSpace(level)))
	if !known {
		return false
	}
	l.level = n
	if l.origin = fromUser; string(name) == "kern" {
		l.origin = fromKernel
	}
	l.msg = rest[1:]
	return true
}

func levelOf(name string) (int, bool) {
	for i, n := range [...]string{"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"} {
		if n == name {
			return i, true
		}
	}
	return 0, false
}

// repeated strips rsyslog's "message repeated 3 times: [ [ 12.3] msg]".
func (u *unwrapper) repeated(l *line) bool {
	if !bytes.HasPrefix(l.msg, []byte("message repeated ")) || l.msg[len(l.msg)-1] != ']' {
		return false
	}
	_, inner, ok := bytes.Cut(l.msg[:len(l.msg)-1], []byte(" times: ["))
	if ok {
		l.msg = bytes.TrimPrefix(inner, []byte(" "))
	}
	return ok
}

func cutWithin(b []byte, sep byte, limit int) (before, after []byte, ok bool) {
	i := bytes.IndexByte(b[:min(len(b), limit)], sep)
	if i < 0 {
		return nil, nil, false
	}
	return b[:i], b[i+1:], true
}

// number reads a decimal number of at most 18 digits.
func number(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
