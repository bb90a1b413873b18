package servicelog

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// early is how long before a run's start its first lines may be stamped (docs/notes/DOCKER.md#a4: up to 5 ms measured).
const early = 50 * time.Millisecond

// Scan reads a service's log to its end and reports what is in it. Where reading fails, it returns what was read
// until then together with the error.
func Scan(r io.Reader, opts Options) (*Report, error) {
	s := newScanner(opts)
	f := newFramer(r)
	for {
		rec, err := f.next()
		if errors.Is(err, ErrPause) {
			s.run.settle()
			continue
		}
		if err != nil {
			s.report.Bytes = f.read()
			report := s.finish()
			if !errors.Is(err, io.EOF) {
				return report, fmt.Errorf("read service log: %w", err)
			}
			return report, nil
		}
		s.add(rec)
	}
}

// logical is one logical line on its way through the reader.
type logical struct {
	number int
	at     int64
	timed  bool
	stream stream
	text   []byte // cleaned; valid for this line only
}

// scanner deals lines out to the runs.
type scanner struct {
	report Report
	starts []time.Time
	next   int // the first start that no line has reached
	run    *runScan
	found  func(Finding)
}

func newScanner(opts Options) *scanner {
	starts := slices.Clone(opts.Starts)
	slices.SortStableFunc(starts, time.Time.Compare)
	return &scanner{starts: starts, run: newRunScan(time.Time{}, opts.Found), found: opts.Found}
}

func (s *scanner) add(rec record) {
	s.report.Lines++
	if rec.truncated {
		s.report.TruncatedLines++
	}
	if rec.timed {
		s.advance(rec.at)
		if at := instant(rec.at, true); s.report.FirstAt.IsZero() || at.Before(s.report.FirstAt) {
			s.report.FirstAt = at
		}
		s.report.LastAt = latest(s.report.LastAt, instant(rec.at, true))
	}
	s.run.add(logical{number: s.report.Lines, at: rec.at, timed: rec.timed, stream: rec.stream, text: clean(rec.text)})
}

// advance closes the runs that a line of this time is past. Runs never go back: lines come as they were written.
func (s *scanner) advance(at int64) {
	for s.next < len(s.starts) && s.starts[s.next].UnixNano() <= at+int64(early) {
		s.close()
		s.run = newRunScan(s.starts[s.next], s.found)
		s.next++
	}
}

// close reports the current run. Lines of an unknown run are reported only if there are any.
func (s *scanner) close() {
	run := s.run.finish()
	if !run.Start.IsZero() || run.Lines > 0 || len(s.starts) == 0 {
		s.report.Runs = append(s.report.Runs, run)
	}
}

func (s *scanner) finish() *Report {
	s.close()
	for ; s.next < len(s.starts); s.next++ {
		s.report.Runs = append(s.report.Runs, newRunScan(s.starts[s.next], s.found).finish())
	}
	return &s.report
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
