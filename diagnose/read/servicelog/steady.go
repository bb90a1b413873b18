package servicelog

import (
	"bytes"
	"math"
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/excerpt"
)

const (
	steadyTimes = 20 // so often a line must have come to be steady, and so many of its gaps it must be missing
	// most that the gaps may spread about their mean, as a share of it; of lines that come by chance it is 1
	steadySpread   = 0.4
	togetherSpread = 0.15 // the same where several workers print the line in turn
	othersAfter    = 5    // lines that others must have printed since
	maxTemplates   = 512
	maxTogether    = 4 // workers that print the same line, each in its own time
	templateBytes  = 160
	maxStopped     = 3
	closingRecords = 64
)

// template is what lines have in common that differ only in their numbers: "job 17 done" and "job 18 done".
type template struct {
	first, last int64
	n           int
	lags        [maxTogether]spread // of the gaps to the line before, to the one before that …
	recent      [maxTogether]int64  // times of the last lines, a ring
	line        int                 // number of the last line
	linesAt     int                 // lines of the run until then
	text        []byte              // of the last line
}

func (t *template) add(l *logical, lines int, msg []byte) {
	if t.n == 0 {
		t.first = l.at
	}
	for k := range min(t.n, maxTogether) {
		t.lags[k].add(float64(l.at - t.recent[(t.n-1-k)%maxTogether]))
	}
	t.recent[t.n%maxTogether] = l.at
	t.n++
	t.last, t.line, t.linesAt = l.at, l.number, lines
	t.text = append(t.text[:0], msg[:min(len(msg), templateBytes)]...)
}

// spread is the mean of some numbers, and how they spread about it (Welford).
type spread struct {
	n        int
	mean, m2 float64
}

func (s *spread) add(x float64) {
	s.n++
	d := x - s.mean
	s.mean += d / float64(s.n)
	s.m2 += d * (x - s.mean)
}

// period returns how often the line came, in ns, if it came like a clock, else zero. Where two workers print it, every
// second line is what comes like a clock.
func (t *template) period() float64 {
	if t.n < steadyTimes {
		return 0
	}
	for k := range t.lags {
		most := steadySpread
		if k > 0 {
			most = togetherSpread // the sum of some gaps spreads less, even where each comes by chance
		}
		if s := &t.lags[k]; s.n > 1 && s.mean > 0 && math.Sqrt(s.m2/float64(s.n-1)) <= most*s.mean {
			return s.mean
		}
	}
	return 0
}

// templates follow the lines of a run that its own work prints. Access lines are not among them: who asks is the
// client's affair; but that they go on is told.
type templates struct {
	byHash  map[uint64]*template
	access  template
	byPath  map[uint64]*template // access lines by what was asked for
	refused int                  // lines that found no room since the last sweep
	closing []int64              // when a line came for the first time that says that something is done
}

var closingWords = [][]byte{[]byte("done"), []byte("inish"), []byte("omplete"), []byte("topp"), []byte("hut"),
	[]byte("xit"), []byte("losed"), []byte("isabled"), []byte("dle"), []byte("aused"), []byte("eady")}

// steady tells whether a line has come often enough to be the program's work.
func (ts *templates) steady() bool {
	for _, t := range ts.byHash {
		if t.n >= steadyTimes {
			return true
		}
	}
	return false
}

func (ts *templates) add(l *logical, lines int, msg []byte) {
	if !l.timed {
		return
	}
	h := templateHash(msg)
	t := ts.byHash[h]
	if t == nil {
		if ts.byHash == nil {
			ts.byHash = make(map[uint64]*template)
		}
		if len(ts.byHash) >= maxTemplates {
			if ts.refused++; ts.refused < maxTemplates {
				return // a sweep for each new line would cost more than all else
			}
			if ts.refused = 0; !ts.sweep() {
				return
			}
		}
		t = &template{}
		ts.byHash[h] = t
		if len(ts.closing) < closingRecords && slices.ContainsFunc(closingWords, func(w []byte) bool {
			return bytes.Contains(msg, w)
		}) {
			ts.closing = append(ts.closing, l.at)
		}
	}
	t.add(l, lines, msg)
}

// addAccess takes an access line to what was asked for.
func (ts *templates) addAccess(l *logical, lines int, path []byte) {
	if !l.timed {
		return
	}
	ts.access.add(l, lines, nil)
	h := templateHash(path)
	t := ts.byPath[h]
	if t == nil {
		if ts.byPath == nil {
			ts.byPath = make(map[uint64]*template)
		}
		if len(ts.byPath) >= maxTemplates {
			return
		}
		t = &template{}
		ts.byPath[h] = t
	}
	t.add(l, lines, nil)
}

// ofRequests tells whether requests for something stopped with the line, of which there were about as many: then the
// line is what their handler printed, and it is the clients who stopped.
func (ts *templates) ofRequests(t *template, every float64) bool {
	for _, a := range ts.byPath {
		together := math.Abs(float64(a.last-t.last)) <= max(2*every, float64(time.Second))
		if together && 2*a.n >= t.n && a.n <= 2*t.n {
			return true
		}
	}
	return false
}

// sweep makes room: what came a few times only is no rhythm.
func (ts *templates) sweep() bool {
	for h, t := range ts.byHash {
		if t.n < 4 {
			delete(ts.byHash, h)
		}
	}
	return len(ts.byHash) < maxTemplates
}

// templateHash is the same for lines that differ in words with a digit in them only.
func templateHash(msg []byte) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h, word, digit := uint64(offset), uint64(offset), false
	for _, c := range msg[:min(len(msg), templateBytes)] {
		if lex.IsWord(c) || c == '.' || c == '-' {
			word = (word ^ uint64(c)) * prime
			digit = digit || lex.IsDigit(c)
			continue
		}
		if digit {
			word = 1
		}
		h = ((h^word)*prime ^ uint64(c)) * prime
		word, digit = offset, false
	}
	if digit {
		word = 1
	}
	return (h ^ word) * prime
}

var progress = lazyregexp.New(`(\d+) ?(?:/|of) ?(\d+)|\b100(?:\.0+)? ?%`)

// finished tells whether the last line says that there was no more to come: "shard 40/40".
func (t *template) finished() bool {
	m := progress().FindSubmatch(t.text)
	return m != nil && bytes.Equal(m[1], m[2])
}

// stoppedSteady reports lines that came like a clock and then no more, while the rest of the service went on: the usual
// trace of a background task that died or hangs with its reference kept, which prints nothing
// (docs/notes/PYTHON.md#1.6).
func (s *runScan) stoppedSteady() {
	end := s.lastTimed
	if s.life.Draining != nil && !s.life.Draining.IsZero() {
		end = min(end, s.life.Draining.UnixNano())
	}
	var stopped []*template
	for _, t := range s.templates.byHash {
		if every := t.period(); every > 0 && !t.finished() && !s.templates.ofRequests(t, every) &&
			s.missing(t, every, end) && s.othersWentOn(t, every) && !s.endedInOrder(t, every) {
			stopped = append(stopped, t)
		}
	}
	slices.SortFunc(stopped, func(a, b *template) int { return a.line - b.line })
	var told []*template
	for _, t := range stopped {
		near := func(o *template) bool { return math.Abs(float64(t.last-o.last)) <= 2*max(t.period(), o.period()) }
		if len(told) == maxStopped || slices.ContainsFunc(told, near) {
			continue
		}
		told = append(told, t)
		s.commitSteady(t)
	}
}

func (s *runScan) commitSteady(t *template) {
	g := s.derive("steady-line-stopped", instant(t.last, true), t.line, excerpt.Line(t.text), nil)
	g.after = false
	before := len(s.run.Findings)
	s.commit(g)
	if len(s.run.Findings) > before {
		f := &s.run.Findings[before]
		f.Count, f.Every = t.n, time.Duration(t.period())
		f.Object = numberless(f.Excerpt)
		f.Independent = s.independent(t)
	}
}

// independent tells whether a line that goes on like a clock comes at most half as often as one that stopped did.
func (s *runScan) independent(t *template) bool {
	every := t.period()
	for _, o := range s.templates.byHash {
		if o != t && o.first < t.last && o.last > t.last+int64(steadyTimes/2*every) && o.period() >= 2*every {
			return true
		}
	}
	return false
}

var numbered = lazyregexp.New(`[\w.-]*\d[\w.-]*`)

// numberless writes a template: "job N done".
func numberless(text string) string {
	return excerpt.Of(numbered().ReplaceAllString(text, "N"), maxObject)
}

// missing tells whether the line has been due so often that its absence is none by chance.
func (s *runScan) missing(t *template, every float64, end int64) bool {
	silent := end - t.last
	return silent >= int64(steadyTimes*every) && silent >= int64(shortSilence) && s.run.Lines-t.linesAt >= othersAfter
}

// othersWentOn tells whether something that was there before was there long after.
func (s *runScan) othersWentOn(t *template, every float64) bool {
	after := t.last + int64(steadyTimes/2*every)
	goesOn := func(o *template) bool { return o != t && o.n > 2 && o.first < t.last && o.last >= after }
	if goesOn(&s.templates.access) {
		return true
	}
	for _, o := range s.templates.byHash {
		if goesOn(o) {
			return true
		}
	}
	return false
}

// endedInOrder tells whether something was said to be done just as the line came for the last time.
func (s *runScan) endedInOrder(t *template, every float64) bool {
	return slices.ContainsFunc(s.templates.closing, func(at int64) bool {
		return float64(at-t.last) > -every/2 && float64(at-t.last) <= 3*every
	})
}
