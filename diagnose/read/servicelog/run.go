package servicelog

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/excerpt"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/signature"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

const (
	maxFindings  = 256 // distinct findings a run
	maxHeadLines = 8   // lines between an announcement and its traceback
)

// runScan reads the lines of one run.
type runScan struct {
	run                   Run
	life                  life
	workers               workers
	rhythm                rhythm
	probes                rhythm // of the health checks' access lines
	answers               answers
	stalls                stalls
	tail                  tail
	lanes                 [envelope.Streams]lane
	quotes                quotes
	found                 map[string][]int // key of findings, of a host each, to their places in run.Findings
	unnamed               int              // sightings whose host was looked for in vain
	tell                  func(Finding)    // Options.Found; nil: nobody waits
	timeouts              []timeout
	overdue               timeout    // the last job that celery found past its hard limit
	plain                 plainError // what a program says that ends before it begins
	needles               []needle   // room for what the finder finds
	needlesOf             *byte      // the line for which that was: its first byte, length and number
	needlesLen, needlesIn int
	number                int   // of the line before the present one
	toldLine              int   // of which something was told
	lastTimed             int64 // time of the last line that has one
	lastBlock             block
	blockEnd              int // last line of the block that was closed last
	templates             templates
	serving               bool        // run.Serving says that it has come up
	wraps                 []wrap      // stacks of other languages, and what they span
	unglued               bool        // the present line is the rest of one that was read in two
	torn                  []*sighting // dead threads without their traceback
	deaths                []threadDeath
	startExc              *traceback.Exception // of the last failed lifespan startup, until the server says so
}

// lane is the open block of one stream: stdout must not close a traceback on stderr.
type lane struct {
	head      *sighting // an announcement that waits for its block
	headLines int
	tb        *printed
	log       *traceback.LogBlock
	dump      *traceback.Dump
	stack     *stack
	script    script
	announces int // the line of level INFO or below that ended with a colon
	last      int // number of the last line that the open block took: lines of other streams come in between
}

// printed is a traceback that is being read, and what its first line told.
type printed struct {
	*traceback.Reader
	line     int
	at       time.Time
	prefixed bool // the header carried a level: the traceback is a log message
	quoted   bool // a line of level INFO announced it: a report of something that ended nothing
}

func newPrinted(l *logical, group, prefixed bool) *printed {
	return &printed{Reader: traceback.NewReader(group), line: l.number, at: instant(l.at, l.timed), prefixed: prefixed}
}

func newRunScan(start time.Time, service string, tell func(Finding)) *runScan {
	return &runScan{run: Run{Start: start, Service: service}, found: make(map[string][]int), tell: tell,
		life: life{Lifecycle: Lifecycle{State: StateUnknown}}}
}

// add reads a line; first tells that it is the first of its record.
func (s *runScan) add(l *logical, first bool) {
	l.shipped = l.shipped || s.quotes.inReport(l.text)
	if first {
		s.run.Lines++
		s.tail.add(l)
	}
	if l.timed {
		s.rhythm.add(l.at)
		at := instant(l.at, true)
		if s.run.FirstAt.IsZero() || at.Before(s.run.FirstAt) {
			s.run.FirstAt = at
		}
		s.run.LastAt = latest(s.run.LastAt, at)
	}
	if l.timed {
		s.stalls.line(l.at)
	}
	if !l.shipped {
		s.record(l)
	}
	s.number = l.number
	if l.timed {
		s.stalls.last, s.lastTimed = l.at, max(s.lastTimed, l.at)
	}
}

// record reads a line as one of an application's own JSON records where it is: such a record is whole, so its traceback
// ends with it (docs/notes/PYTHON.md#4.5).
func (s *runScan) record(l *logical) {
	ln := &s.lanes[l.stream]
	if l.begins {
		s.closeBlock(ln)
	}
	s.line(l)
	if l.ends {
		s.closeBlock(ln)
		if tb := traceback.FromObjects(l.objects, l.number); tb != nil {
			s.closeTraceback(&printed{Reader: tb, line: l.number, at: instant(l.at, l.timed), prefixed: true}, nil)
		}
	}
}

// line gives a line to the open block of its stream, or reads it on its own.
func (s *runScan) line(l *logical) {
	ln := &s.lanes[l.stream]
	if ln.log != nil || ln.dump != nil || ln.tb != nil || ln.stack != nil {
		switch s.feed(ln, l) {
		case traceback.Taken:
			ln.last = l.number
			return
		case traceback.Foreign:
			s.single(ln, l, true)
			return
		}
		s.closeBlock(ln)
	}
	s.single(ln, l, false)
}

// feed offers a line to the open block, and closes a logging block with its last line.
func (s *runScan) feed(ln *lane, l *logical) traceback.Verdict {
	switch {
	case ln.log != nil:
		v := ln.log.Feed(l.text, l.number)
		if v == traceback.Taken && ln.log.Over() {
			s.closeBlock(ln)
		}
		return v
	case ln.dump != nil:
		return ln.dump.Feed(l.text)
	case ln.stack != nil:
		return ln.stack.feed(l.text, func(text string) {
			sub := *l
			sub.text = []byte(text)
			s.quoted(prefix.Line{Bare: true, Msg: sub.text}, &sub)
		})
	}
	return ln.tb.Feed(l.text, l.number)
}

// single reads a line that no block claims. Inside a block of its stream it may not open another one.
func (s *runScan) single(ln *lane, l *logical, inBlock bool) {
	p := prefix.Parse(l.text)
	if l.level != prefix.None {
		p.Level, p.Bare = max(p.Level, l.level), false
	}
	if len(p.Msg) == 0 {
		return
	}
	if group, ok := traceback.Header(p.Msg); ok && !inBlock {
		ln.tb = newPrinted(l, group, p.Level != prefix.None)
		ln.tb.quoted = ln.announces > 0 && l.number-ln.announces <= 1
		return
	}
	if p.Level == prefix.Low && p.Msg[len(p.Msg)-1] == ':' {
		ln.announces = l.number
	}
	if ln.head != nil && !inBlock {
		if ln.headLines++; ln.headLines <= maxHeadLines && p.Level == prefix.None && companion(l.text) {
			ln.head.named = cmp.Or(ln.head.named, taskException(l.text))
			return
		}
		s.closeBlock(ln)
	}
	if inBlock || !s.nodeThrow(ln, p, l) {
		s.match(ln, p, l, inBlock)
	}
}

// unglue reads a line in two: what was never ended, and what came after it.
func (s *runScan) unglue(ln *lane, p prefix.Line, l *logical, at int) {
	head := len(l.text) - len(p.Msg)
	if head < at {
		p.Msg = l.text[head:at]
		s.match(ln, p, l, true)
	}
	rest := *l
	rest.text = l.text[at:]
	s.unglued = true // once a line: a line of nothing but anchors must not be read a thousand times
	s.line(&rest)
	s.unglued = false
}

// companions are the lines that asyncio and loguru print between an announcement and its traceback.
var companions = [][]byte{[]byte("future: <"), []byte("task: <"), []byte("handle: <"), []byte("socket: <"),
	[]byte("transport: <"),
	[]byte("protocol: <"), []byte("message: "), []byte("context: {"), []byte("exception: "), []byte("source_traceback:"),
	[]byte("asyncgen: <"),
	[]byte("Object created at"), []byte("server_socket: <"), []byte("callback: <")}

// taskException reads the type of the exception in asyncio's line of a task:
//
//	future: <Task finished name='Task-3' coro=<licence() done, defined at app.py:9> exception=SystemExit(7)>
func taskException(text []byte) string {
	_, rest, found := bytes.Cut(text, []byte("> exception="))
	if !found || !bytes.Contains(text[:min(len(text), 16)], []byte("<Task ")) {
		return ""
	}
	end := bytes.IndexByte(rest, '(')
	if end < 1 || end > excerpt.MaxName {
		return ""
	}
	return excerpt.Name(rest[:end])
}

func companion(text []byte) bool {
	return traceback.HasAnyPrefix(text, companions) || text[0] == ' '
}

// match looks a single line up in the table.
func (s *runScan) match(ln *lane, p prefix.Line, l *logical, inBlock bool) {
	if m := lifecycleMark(p.Msg); m != nil {
		s.life.apply(m, p, l)
	}
	if s.workers.add(p, l); s.workers.vanished {
		s.commit(s.sight(workerVanished, p, l))
	}
	if m := signatures().message(p); m != nil {
		s.announce(ln, m.sig, p, l, inBlock)
		return
	}
	if a, ok := accessOf(p, l); ok {
		s.access(a, p, l)
		s.templates.addAccess(l, s.run.Lines, a.path)
		return
	}
	if a, ok := accessRecord(l.object); ok {
		s.access(a, p, l) // and its message is read like any other
	}
	if at := s.glued(p, l.text); at > 0 && !inBlock && !s.unglued {
		s.unglue(ln, p, l, at)
		return
	}
	s.templates.add(l, s.run.Lines, p.Msg)
	s.server(p, l)
	if p.Bare && p.Msg[0] != '{' { // half a JSON object holds what users sent, not what a shell printed
		if m := signatures().within(l.text); m != nil {
			s.commit(s.sight(m.sig.ID, p, l))
			if m.sig.Cause == fact.InterpreterCrash {
				s.quoted(p, l) // the assertion that failed may name the reason
			}
			return
		}
	}
	if p.Level != prefix.Low {
		s.quoted(p, l)
		s.derived(ln, p, l)
	}
	s.unread(p, l)
	if s.plain.sighting = nil; p.Bare && bytes.HasPrefix(p.Msg, plainErrorStart) {
		s.plain.sighting = s.sight("startup-error-line", p, l)
	}
}

// announce reports a signature, or keeps it until the block that belongs to it is read.
func (s *runScan) announce(ln *lane, sig *signature.Row, p prefix.Line, l *logical, inBlock bool) {
	sg := s.sight(sig.ID, p, l)
	switch {
	case inBlock:
		s.commit(sg)
	case sig.ID == "logging-error-block":
		ln.head, ln.log = sg, traceback.NewLogBlock(p.Msg)
	case bytes.HasPrefix(p.Msg, []byte("Fatal Python error: ")) || sig.ID == "faulthandler-timeout":
		ln.head, ln.dump = sg, traceback.NewDump(p.Msg)
	case slices.Contains(stacked, sig.Other):
		s.quoted(p, l) // "panic: listen tcp :8080: bind: address already in use"
		s.openStack(ln, sg)
	case sig.HasTraceback:
		ln.head, ln.headLines = sg, 0
		if traceback.HeaderEnds(p.Msg) {
			ln.tb = newPrinted(l, false, true)
		}
	default:
		s.commit(sg)
	}
}

// quoted looks for exceptions outside a traceback: a line that is one, or a line of no level, or of WARNING and above,
// that quotes one. Neither is as good as the traceback, so neither is conclusive for a cause. Of the named others only
// the first of the table is reported: the more particular stand there first.
func (s *runScan) quoted(p prefix.Line, l *logical) {
	named := false
	report := func(m *matcher) {
		if m.sig.Cause == "" && m.sig.Other != "" && named {
			return
		}
		named = named || m.sig.Other != ""
		sg := s.sight(m.sig.ID, p, l)
		if sg.strength == fact.Conclusive && m.sig.Cause != "" {
			sg.strength = fact.Strong
		}
		if sg.sig.ID == "thread-limit" && !p.Bare {
			sg.strength = fact.Weak // a program that logs it has caught it, and goes on without that thread
		}
		s.commit(sg)
	}
	seen := false
	if typ, msg, ok := traceback.SplitException(p.Msg); ok {
		signatures().exceptions(typ, msg, func(m *matcher) {
			seen = true
			report(m)
		})
	}
	if seen || p.Bare && (p.Msg[0] == '{' || p.Msg[0] == ' ' || p.Msg[0] == '\t') {
		return // half a JSON object, or the continuation of something else
	}
	for _, n := range s.find(l.text) {
		if n.m.sig.ID != "" {
			report(n.m)
		}
	}
}

// find looks a line up in the finder, once.
func (s *runScan) find(line []byte) []needle {
	if s.needlesOf != &line[0] || s.needlesIn != s.number || s.needlesLen != len(line) {
		s.needles = signatures().quotable.find(line, s.needles)
		s.needlesOf, s.needlesIn, s.needlesLen = &line[0], s.number, len(line)
	}
	return s.needles
}

// closeBlock ends whatever the stream has open and reports it.
func (s *runScan) closeBlock(ln *lane) {
	open := *ln
	*ln = lane{announces: open.announces}
	s.blockEnd = open.last
	switch {
	case open.log != nil:
		open.head.exc = open.log.Exception()
		open.head.become(loggingKind(open.head.exc))
		s.commit(open.head)
	case open.dump != nil:
		open.head.exc = open.dump.Exception()
		s.commit(open.head)
	case open.tb != nil:
		s.closeTraceback(open.tb, open.head)
	case open.stack != nil:
		s.closeStack(open.stack)
	case open.head != nil:
		s.commit(s.refine(open.head))
	}
}

// settle closes what is open.
func (s *runScan) settle() {
	for i := range s.lanes {
		s.closeBlock(&s.lanes[i])
	}
	s.mendTorn()
}

// finish closes what is open and returns the run.
func (s *runScan) finish() Run {
	s.settle()
	s.run.Tail = s.tail.list()
	s.run.LastWords = s.lastWords()
	s.conclude()
	slices.SortStableFunc(s.run.Findings, func(a, b Finding) int { return a.Line - b.Line })
	s.run.Lifecycle = s.life.Lifecycle
	s.run.Lifecycle.Waiting = s.life.waiting > 0
	s.run.Accesses = s.templates.access.n
	s.run.Workers, s.run.DroppedWorkers = s.workers.list, s.workers.dropped
	s.run.LongestGap, s.run.MedianGap = time.Duration(s.rhythm.longest), s.rhythm.quantile(0.5)
	s.run.UsualGap, s.run.Gaps = s.rhythm.quantile(0.99), s.rhythm.count
	s.run.UsualProbeGap, s.run.ProbeGaps = s.probes.quantile(0.99), s.probes.count
	if s.probes.started {
		s.run.ProbeLastAt = instant(s.probes.last, true)
	}
	return s.run
}
