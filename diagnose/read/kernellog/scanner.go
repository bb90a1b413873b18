package kernellog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope"
)

const defaultMaxRecords = 10000

// Scanner reads a kernel log record by record. Records of one kind come in the
// order of the log; a kill comes when it is known that its group kill is over, a
// note when it is certain, some only at the end.
type Scanner struct {
	opts     Options
	in       *blockReader
	unfolded *envelope.Unfolded // nil = the log is live: it has the form that we asked for
	block    *block             // the current one
	next     int                // where its next line begins
	unwrap   unwrapper
	at       line // the current line
	cut      int  // lines longer than maxLine
	err      error
	ended    bool

	everyLine bool // of tests: skip nothing
	head      head
	dealing   bool      // with the lines of a record
	around    time.Time // that of it

	queue []Record // finished, not yet returned
	ready Record
	kept  int

	boots  int // changes of boot seen
	bootID []byte
	seq    int64
	lines  int
	span   span

	settled int64 // the sequence number at which nothing was open

	oom     oomReader
	crashes crashReader
	cpu     cpuFacts
	missed  missed
	oops    seenTrouble // the latest
	failed  seenTrouble // allocation, the latest
	pending pending
	previous

	counts map[NoteKind]int
}

// previous is the message before the current one, as long as it can be the first
// half of a process name that holds a newline.
type previous struct {
	msg     []byte
	boot    float64
	hasBoot bool
}

// NewScanner returns a scanner of r. See [Options] for what to tell it.
func NewScanner(r io.Reader, opts Options) *Scanner {
	if opts.MaxRecords <= 0 {
		opts.MaxRecords = defaultMaxRecords
	}
	s := &Scanner{
		opts:   opts,
		block:  newBlock(),
		unwrap: newUnwrapper(opts.Zone, opts.Near),
		seq:    opts.after(),
		counts: map[NoteKind]int{},
	}
	s.head.lines = headLines
	if s.settled = s.seq; !opts.Live {
		s.unfolded = envelope.Unfold(r, s.unwrap.clock, false)
		s.unfolded.Order = dumpOrder
	}
	s.in = newBlockReader(r, s.unfolded)
	s.oom.emit, s.oom.trouble = s.emitKill, s.emitTrouble
	s.oom.when = s.when
	s.oom.victims = map[int]victimSeen{}
	s.crashes.emit = s.emitCrash
	return s
}

// Scan advances to the next record and tells whether there is one.
func (s *Scanner) Scan() bool {
	for len(s.queue) == 0 && !s.ended {
		s.step()
	}
	if len(s.queue) == 0 {
		return false
	}
	s.ready = s.queue[0]
	s.queue = s.queue[1:]
	return true
}

// Record returns the record that Scan found.
func (s *Scanner) Record() Record { return s.ready }

// Err returns the error of the underlying reader, nil at its end.
func (s *Scanner) Err() error { return s.err }

// Ready tells whether the next Scan has its record already, without reading.
func (s *Scanner) Ready() bool { return len(s.queue) > 0 }

// step goes on by a run of lines that mean nothing, by one line, or to the next
// block.
func (s *Scanner) step() {
	if s.next >= len(s.block.text) {
		s.turn()
		return
	}
	if s.skim() {
		return
	}
	ahead := s.block.text[s.next:]
	text := ahead[:lineEnd(ahead)]
	s.next += len(text)
	whole := text[len(text)-1] == '\n'
	if len(text) > maxLine {
		text = text[:maxLine]
		s.cut++
	}
	if text = trimEnd(text); len(text) > 0 || whole {
		s.lines++
		s.line(text, ahead)
	}
}

// turn ends a block: by its error, or by the next one.
func (s *Scanner) turn() {
	switch err := s.block.err; {
	case err == nil:
	case isIdle(err):
		s.settle()
		s.block.err = nil
		return // what was settled is given out before the next read, which may wait
	default:
		if !errors.Is(err, io.EOF) {
			s.err = fmt.Errorf("read kernel log after line %d: %w", s.lines, err)
		}
		s.finish()
		return
	}
	s.in.fill(s.block)
	s.next = 0
}

// settle gives out what is whole but was held back for more of the same: the
// writer has paused, so nothing of that came.
func (s *Scanner) settle() {
	if d := s.oom.dump; d == nil || d.killed {
		s.oom.flush()
	}
	s.crashes.flush()
	if s.oom.dump == nil && s.pending.kind == noClass {
		s.settled = s.seq
	}
}

func (s *Scanner) line(text, ahead []byte) {
	l := &s.at
	l.no = s.lines
	if s.oom.misreadRow(text) {
		return // its number is no stamp
	}
	s.unwrap.unwrap(text, ahead, l)
	if l.several && !s.dealing {
		s.deal(l)
		return
	}
	if l.wall.IsZero() && s.dealing {
		l.wall = s.around
	}
	if l.plain && !s.head.looked && !s.opts.Live {
		s.head.look(ahead)
	}
	if s.oom.dump == nil && s.pending.kind == noClass && len(s.crashes.open) == 0 {
		s.settled = s.seq // of the line before
	}
	s.oom.expire(l)
	s.crashes.expire(l)
	if s.journalMark(text, l) {
		return
	}
	s.clock(l)
	if l.origin == fromUser {
		s.foreign(l)
		return
	}
	if s.pending.kind != noClass && s.piece(l) || len(l.msg) == 0 {
		return
	}
	s.message(l)
	s.remember(l)
}

// deal reads a record that holds several lines of a log, with the record's time where a line has none.
func (s *Scanner) deal(l *line) {
	lines := bytes.Clone(l.msg)
	s.dealing, s.around = true, l.wall
	for len(lines) > 0 {
		line, rest, _ := bytes.Cut(lines, []byte("\n"))
		if text := trimEnd(line); len(text) > 0 {
			s.line(text, lines)
		}
		lines = rest
	}
	s.dealing = false
}

// message hands a line to the reader of its class.
func (s *Scanner) message(l *line) {
	c := classify(l.msg, l.esc)
	if c == noClass {
		l.msg, c = s.head.behindPrefix(l)
	}
	if c == noClass && l.msg[0] == ' ' && len(s.crashes.open) > 0 && s.crashes.tail(decoded(l.msg, l.esc)) {
		return
	}
	if c == noClass || l.msg[0] == '[' && c != oomTable { // a row may hold any name
		if s.oom.wants(l) && s.oom.detail(l, decoded(l.msg, l.esc)) {
			return
		}
		if c == noClass {
			s.missed.see(l, l.msg, s.head.lines)
			return
		}
	}
	msg := decoded(l.msg, l.esc)
	if l.origin == fromAudit && c != crashAudit {
		return
	}
	if s.torn(c, l, msg) || s.hit(c, l, msg) {
		if c == oomInvoked {
			s.runOn(l, msg)
		}
		return
	}
	// A process may be called "Task in x" and invoke the killer.
	if c2 := classifyAnchor(l.msg, l.esc); c2 != c && c2 != noClass && s.hit(c2, l, msg) {
		return
	}
	s.missed.see(l, msg, s.head.lines)
}

// hit parses a message of class c and tells whether it was one.
func (s *Scanner) hit(c class, l *line, msg []byte) bool {
	switch c {
	case suppressed:
		return s.suppressed(msg)
	case lost:
		return s.lost(msg)
	case bootStart:
		if s.span.hasBoot && l.hasBoot && l.boot < s.span.toBoot {
			s.newBoot()
		}
		return true
	case oomCPU:
		s.crashes.cpu(msg)
		return s.oom.cpu(l, msg)
	case crashFault, crashTrap, crashSignal, crashForeign, crashAudit, crashVsyscall:
		return s.crash(c, l, msg)
	case cpuModel:
		return s.cpu.read(string(msg))
	case troubleUnit:
		return s.reporter(l)
	case troubleForks, troubleLine:
		return s.trouble(l, msg)
	case oomNobody:
		s.oom.nobody()
		return s.trouble(l, msg)
	}
	return s.oom.hit(c, l, msg, &s.previous)
}

// remember keeps a short message: the first line of a name with a newline in it.
func (s *Scanner) remember(l *line) {
	if len(l.msg) > commLen || !l.fine {
		s.previous.msg = s.previous.msg[:0]
		return
	}
	s.previous = previous{append(s.previous.msg[:0], l.msg...), l.boot, l.hasBoot}
}

func (s *Scanner) finish() {
	s.ended = true
	s.flushPending()
	s.oom.flush()
	s.crashes.flush()
	s.settled = s.seq
	s.closingNotes()
}

func (s *Scanner) room() bool {
	if s.kept >= s.opts.MaxRecords {
		s.counts[NoteRecordsCapped]++
		return false
	}
	s.kept++
	return true
}

func (s *Scanner) emitKill(k *Kill) {
	if s.room() {
		s.queue = append(s.queue, Record{Kill: k})
	}
}

func (s *Scanner) emitCrash(c *Crash) {
	if s.room() {
		s.queue = append(s.queue, Record{Crash: c})
	}
}

func (s *Scanner) emitTrouble(t *Trouble) {
	if s.room() {
		s.queue = append(s.queue, Record{Trouble: t})
	}
}
