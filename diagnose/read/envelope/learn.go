package envelope

import (
	"bytes"
	"html"
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/document"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/severity"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
)

const (
	learnLines = 256               // lines that learning looks at
	LearnBytes = document.HeadSize // LearnBytes is how much of a log Learn looks at, at most.
	maxPlans   = 3                 // kinds of lines that are told apart in one log
	maxSources = 64                // values of a learned column that are remembered
)

// learned is what the head of a log showed: for each kind of lines in it, which envelopes to take off that a single
// line does not prove.
type learned struct {
	plans [][]step
	host  []byte // stands behind the time of most lines
	lines int    // that it was learned from
	seen  int    // opened since
	next  int    // how many lines to open before learning again
	// prefix is how all lines begin, in a way that was not understood.
	prefix []byte
	pasted bool       // it is no log, but a text of a person's that may hold lines of some
	traced bool       // and a traceback
	shapes [16]uint64 // how the lines begin, one bit each
	odd    int        // lines lately that begin otherwise
	gap    int        // lines to go on with before odd ones have the log looked at again
}

// step is one envelope to take off.
type step struct {
	kind   stepKind
	text   []byte // of a literal
	tail   []byte // of an enclosure, at the end of the line
	n      int    // blanks (of a level: behind it) or columns
	values map[string]bool
	*skeleton
	row *row
}

type stepKind uint8

const (
	stepEvident  stepKind = iota
	stepBlanks            // n blanks of indentation
	stepLiteral           // the same text
	stepEnclosed          // <li>line</li>, | line |, {code}line{code}
	stepPane              // │line       │
	stepQuote             // "> "
	stepNumber            // cat -n, grep -n, nl
	stepFile              // grep -H
	stepTicks             // `line`
	stepQuotes            // "line", as a cell of CSV
	stepRepr              // 'line', as Python prints it
	stepBullet            // "- line"
	stepEntities          // &gt;
	stepPipe              // "name | line"
	stepTime              // a time that is not the logger's
	stepLevel             // a level that is not the logger's
	stepColumns           // n words that say where the line comes from
	stepSkeleton          // words between marks that are always the same
	stepCells             // a cell of a row that nobody named
	stepShape             // the same text but for its digits
)

// Wants tells whether Learn should be called with the lines that come next: at first, when a short head has become
// longer, and now and then, since a log may change its envelope.
func (o *Opener) Wants() bool { return o.learned.seen >= o.learned.next }

// Learn looks at what comes next in the log, up to LearnBytes of it, which need not end with a line.
func (o *Opener) Learn(head []byte) {
	before := o.learned
	lines := sample(head)
	o.learned = learned{lines: len(lines), next: max(2*len(lines), 4), gap: min(max(2*before.gap, learnLines/4), maxGap)}
	if len(lines) >= learnLines/2 || len(head) >= LearnBytes/2 {
		o.learned.next = min(max(4*before.next, learnLines), maxGap)
	}
	for _, line := range lines {
		o.learned.shape(line, true)
	}
	p := &Opener{clock: o.clock}
	o.learned.host = commonHost(p, lines)
	p.learned.host = o.learned.host
	o.learned.plans = p.plans(lines)
	switch {
	case len(o.learned.plans) == 0 && before.holds(p, lines):
		o.learned.plans = before.plans // too few lines to see it again
	case len(o.learned.plans) == 0:
		o.learned.prefix = unknownPrefix(p, lines)
	}
	o.learned.pasted = before.seen == 0 && len(head) < LearnBytes && o.looksPasted(lines)
	o.learned.traced = o.learned.pasted && traced(lines)
	if o.clock.Near.IsZero() {
		o.clock.Near = p.clock.Near
	}
	if o.clock.Order == stamp.OrderUnknown || o.clock.Order == stamp.OrderGuessed {
		o.clock.Order = p.clock.Order
	}
}

// maxGap is how many lines go by at most before a log is looked at again.
const maxGap = 1 << 14

// plans finds what the lines share, then what those share that do not have it, and so on.
func (o *Opener) plans(lines [][]byte) (plans [][]step) {
	for len(lines) >= 2 && len(plans) < maxPlans {
		plan, rest := o.plan(lines)
		if len(plan) == 0 {
			break
		}
		plans = append(plans, plan)
		lines = rest
	}
	return plans
}

// holds tells whether what was learned before is still true of most lines.
func (k *learned) holds(o *Opener, lines [][]byte) bool {
	return len(k.plans) > 0 && len(lines) > 0 && k.plans[0][0].shared(o, append(lines, lines...))
}

// shape looks at how a line begins: digits, letters and marks of its first six bytes. It notes that where it is
// learned, and tells whether it was known.
func (k *learned) shape(line []byte, learn bool) bool {
	key := uint32(0)
	for _, c := range line[:min(len(line), 6)] {
		switch {
		case lex.IsDigit(c):
			c = '0'
		case c >= 'a' && c <= 'z':
			c = 'a'
		case c >= 'A' && c <= 'Z':
			c = 'A'
		}
		key = key*31 + uint32(c)
	}
	key = key * 0x9E3779B1 >> 22
	known := k.shapes[key>>6]&(1<<(key&63)) != 0
	if learn {
		k.shapes[key>>6] |= 1 << (key & 63)
	}
	return known
}

// notice has the log looked at again where half of its lines lately begin in a way that was not there when it was
// learned.
func (k *learned) notice(line []byte) {
	k.seen++
	if k.shape(line, false) {
		k.odd = max(k.odd-1, 0)
		return
	}
	if k.odd++; k.odd >= 8 && k.seen >= k.gap {
		k.next, k.odd = k.seen, 0
	}
}

// Prefix is how all lines of the log begin, where that was not understood; empty otherwise.
func (o *Opener) Prefix() []byte { return o.learned.prefix }

// sample returns the lines of a head that have text, cleaned and copied.
func sample(head []byte) (lines [][]byte) {
	whole := head[:min(len(head), LearnBytes)]
	if end := bytes.LastIndexByte(whole, '\n'); end >= 0 {
		whole = whole[:end]
	}
	lines = make([][]byte, 0, learnLines)
	for line := range bytes.SplitSeq(whole, []byte("\n")) {
		line = Clean(bytes.Clone(line))
		if len(bytes.TrimSpace(line)) > 0 && !isFence(line) {
			lines = append(lines, line)
		}
		if len(lines) == learnLines {
			break
		}
	}
	return lines
}

// plan finds the envelopes that most lines share, and returns the lines that do not have the outermost of them.
func (o *Opener) plan(lines [][]byte) (plan []step, rest [][]byte) {
	texts := slices.Clone(lines)
	useful := 0
	for range MaxDepth {
		if opened, n := o.openAll(texts); 2*n > len(texts) {
			plan, texts = append(plan, step{}), opened
			continue
		}
		s, ok := o.find(texts)
		if !ok {
			break
		}
		plan = append(plan, s)
		useful = len(plan)
		texts = s.takeAll(o, texts)
	}
	plan = plan[:useful] // what follows shows by itself
	if useful == 0 {
		return nil, nil
	}
	var l Line
	for _, text := range lines {
		l.reset(text)
		if !plan[0].take(o, &l) {
			rest = append(rest, text)
		}
	}
	return plan, rest
}

// openAll takes one evident envelope off each text, and says off how many.
func (o *Opener) openAll(texts [][]byte) (opened [][]byte, n int) {
	opened = make([][]byte, 0, len(texts))
	var l Line
	for _, text := range texts {
		l.reset(text)
		if len(text) > 0 && o.evident(&l) {
			n++
		}
		if l.Record {
			l.Text = nil // its text is a message, not a line
		}
		opened = append(opened, lasting(l.Text, text))
	}
	return opened, n
}

// lasting returns a text that stays as it is when the next line is opened: the text itself where it is the end of its
// line, a copy where it was decoded.
func lasting(text, line []byte) []byte {
	if n, m := cap(text), cap(line); n > 0 && m > 0 && &text[:n][n-1] == &line[:m][m-1] {
		return text
	}
	return bytes.Clone(text)
}

func (s *step) takeAll(o *Opener, texts [][]byte) (rest [][]byte) {
	rest = make([][]byte, 0, len(texts))
	var l Line
	for _, text := range texts {
		l.reset(text)
		s.take(o, &l)
		rest = append(rest, lasting(l.Text, text))
	}
	return rest
}

// strip takes the learned envelopes off a line, in the order in which they were found.
func (k *learned) strip(o *Opener, l *Line) {
	k.notice(l.Text)
	for _, plan := range k.plans {
		for i := range plan {
			if len(l.Text) == 0 || l.Depth >= MaxDepth {
				return
			}
			if plan[i].take(o, l) {
				l.Depth++
			} else if i == 0 {
				break // a line of another kind
			}
		}
		if l.Depth > 0 {
			return
		}
	}
}

// take takes the envelope off a line that has it.
func (s *step) take(o *Opener, l *Line) bool {
	if len(l.Text) == 0 {
		return false
	}
	switch s.kind {
	case stepEvident:
		return o.evident(l)
	case stepBlanks:
		return lex.Blanks(l.Text) >= s.n && l.cut(s.n)
	case stepLiteral:
		return s.literal(l)
	case stepEnclosed:
		return s.enclosed(l)
	case stepPane:
		return pane(l)
	case stepQuote:
		n := quoteMark(l.Text)
		return n > 0 && l.cut(n)
	case stepNumber:
		_, n := lineNumber(l.Text)
		return n > 0 && l.cut(n)
	case stepFile:
		return fileName(l)
	case stepTicks:
		return between(l, '`')
	case stepQuotes:
		return bytes.IndexByte(l.Text, '\\') < 0 && between(l, '"') &&
			l.replace(bytes.ReplaceAll(l.Text, []byte(`""`), []byte(`"`)))
	case stepRepr:
		return unquote(l)
	case stepBullet:
		n := bullet(l.Text)
		return n > 0 && l.cut(n)
	case stepEntities:
		return bytes.IndexByte(l.Text, '&') < 0 || l.replace([]byte(html.UnescapeString(string(l.Text))))
	case stepPipe:
		return looselyPiped(l)
	case stepTime:
		s, n := o.outerStamp(l.Text)
		if n == 0 {
			return false
		}
		l.stamped(s)
		return l.cut(min(n+1, len(l.Text)))
	case stepLevel:
		level, n := bracketedLevel(l.Text)
		l.leveled(level)
		return n > 0 && l.cut(min(n+s.n, len(l.Text)))
	case stepSkeleton:
		return s.skeleton.take(o, l)
	case stepCells:
		return s.row.take(o, l)
	case stepShape:
		if stamp, n := o.outerStamp(l.Text); n > 0 && n < len(s.text) {
			l.stamped(stamp)
		}
		return s.shape(l)
	}
	return s.columns(l)
}

func (l *Line) replace(text []byte) bool {
	l.Text = text
	return true
}

func (s *step) literal(l *Line) bool {
	rest, ok := bytes.CutPrefix(l.Text, s.text)
	if !ok && bytes.Equal(l.Text, bytes.TrimRight(s.text, " ")) {
		rest, ok = nil, true
	}
	if ok {
		l.named(nameIn(s.text))
		l.Text = rest
	}
	return ok
}

// nameIn is what of a prefix may be a name: without the marks around it.
func nameIn(prefix []byte) []byte {
	return bytes.TrimFunc(prefix, func(r rune) bool { return r > 0x7f || !lex.IsWord(byte(r)) })
}

// columns takes the first n words off, where the log has seen them before, or a message begins behind them.
func (s *step) columns(l *Line) bool {
	end := columnsEnd(l.Text, s.n)
	if end == 0 {
		return false
	}
	head := l.Text[:end]
	if !s.values[string(head)] {
		if !beginsMessage(l.Text[end:]) {
			return false
		}
		if len(s.values) < maxSources {
			s.values[string(head)] = true
		}
	}
	words := bytes.Fields(head)
	switch {
	case len(l.Service) > 0 || len(l.Pod) > 0 || len(l.Container) > 0:
	case len(words) == 1:
		l.Service = nameIn(words[0])
	default:
		l.Pod, l.Container = nameIn(words[0]), nameIn(words[len(words)-1])
	}
	return l.cut(end)
}

// columnsEnd returns where the n-th word ends, and the blank behind it; zero where there are fewer words.
func columnsEnd(b []byte, n int) int {
	pos := 0
	for i := range n {
		end := bytes.IndexByte(b[pos:min(len(b), pos+maxName)], ' ')
		if end <= 0 {
			if i == n-1 && end < 0 && pos < len(b) {
				return len(b) // the line is empty behind them
			}
			return 0
		}
		if pos += end + 1; i < n-1 {
			for pos < len(b) && b[pos] == ' ' {
				pos++
			}
		}
	}
	return pos
}

// beginsMessage tells whether b begins as what a logger or an interpreter prints: with a date, a level, a traceback.
// What stands before one on most lines of a log is an envelope.
func beginsMessage(b []byte) bool {
	if len(b) < 4 {
		return false
	}
	var c stamp.Clock
	switch {
	case lex.IsDigit(b[0]):
		_, n := c.ISO(b)
		return n > 0
	case b[0] == '[':
		if _, n := c.ISO(b[1:]); n > 0 {
			return true
		}
		if _, ok := bootClock(b); ok {
			return true
		}
		end := bytes.IndexByte(b[:min(len(b), 12)], ']')
		return end > 0 && severity.Of(b[1:end]) != severity.Unknown
	case b[0] == '{':
		return b[1] == '"'
	case b[0] >= 'A' && b[0] <= 'Z':
		end := 0
		for end < len(b) && b[end] >= 'A' && b[end] <= 'Z' {
			end++
		}
		if end >= 3 && end < len(b) && (b[end] == ':' || b[end] == ' ') && severity.Of(b[:end]) != severity.Unknown {
			return true
		}
	}
	return bytes.HasPrefix(b, []byte("Traceback (most recent call")) || bytes.HasPrefix(b, []byte("Fatal Python error: "))
}

// outerStamp reads a time as those write it who stamp what a program prints: also in brackets where nothing else is in
// them (Jenkins, minicom), or with a colon (pm2, ipmitool).
func (o *Opener) outerStamp(b []byte) (s stamp.Time, n int) {
	const longest = 48
	if s, n = o.anyStamp(b); n > 0 || len(b) == 0 {
		return s, n
	}
	mark := bytes.IndexByte(b[:min(len(b), longest)], ']')
	inside := b[:max(mark, 0)]
	if b[0] == '[' && mark > 0 {
		inside = inside[1:]
	} else {
		word := b[:lex.WordEnd(b)]
		if mark = len(word) - 1; mark < 0 || word[mark] != ':' {
			return stamp.Time{}, 0
		}
		inside = word[:mark]
	}
	if s, n = o.anyStamp(inside); n == 0 || n != len(inside) || mark+1 < len(b) && b[mark+1] != ' ' {
		return stamp.Time{}, 0
	}
	return s, mark + 1
}

// anyStamp reads a time at the start of b.
func (o *Opener) anyStamp(b []byte) (s stamp.Time, n int) {
	if len(b) == 0 {
		return s, 0
	}
	if lex.IsDigit(b[0]) {
		if s, n = o.clock.Date(b); n == 0 {
			if end := lex.WordEnd(b); end < len(b) {
				if unix, ok := stamp.Unix(b[:end]); ok {
					return unix, end
				}
			}
		}
	}
	if n == 0 && b[0] != '[' {
		s, n = o.clock.Words(b)
	}
	if n == 0 || n < len(b) && b[n] != ' ' && b[n] != '\t' {
		return stamp.Time{}, 0
	}
	return s, n
}
