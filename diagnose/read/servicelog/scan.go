package servicelog

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/excerpt"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
)

// early is how long before a run's start its first lines may be stamped (docs/notes/DOCKER.md#a4: up to 5 ms measured).
const early = 50 * time.Millisecond

// ErrPause is what a reader may return in place of an error to say that nothing more is to be had for now, as
// `--follow` does while a service is silent. What is complete is reported then, an open traceback included, and
// reading goes on.
var ErrPause = envelope.ErrPause

// Scan reads a service's log to its end and reports what is in it. Where reading fails, it returns what was read
// until then together with the error.
func Scan(r io.Reader, opts Options) (*Report, error) {
	s := newScanner(opts)
	in := envelope.NewReader(r, envelope.Options{Clock: stamp.Clock{Zone: opts.Zone, Near: opts.Near}, Known: known})
	var m envelope.Message
	for {
		err := in.Next(&m)
		if errors.Is(err, ErrPause) {
			s.settle()
			continue
		}
		if err != nil {
			s.report.Bytes, s.report.Notes, s.report.Prefix = in.Bytes(), in.Notes(), excerpt.Name(in.Prefix())
			report := s.finish()
			if !errors.Is(err, io.EOF) {
				return report, fmt.Errorf("read service log: %w", err)
			}
			return report, nil
		}
		s.add(&m)
	}
}

// logical is one line of a message on its way through the reader.
type logical struct {
	number  int
	at      int64
	timed   bool
	stream  envelope.Stream
	text    []byte       // cleaned; valid for this line only
	level   prefix.Level // that an application's own record has; told with its first line
	gravity Gravity      // of that level
	fatal   bool         // its logger ends the program with it
	begins  bool         // a record that is whole begins with it, so nothing before goes on
	ends    bool         // it ends with it
	objects []byte       // its traceback as a list of objects
	object  []byte       // the record itself; told with its first line
	shipped bool         // another container's line, in the log of one
}

// scanner deals lines out to the runs of the services.
type scanner struct {
	report   Report
	opts     Options
	starts   []time.Time
	from     []int64 // where the lines of each begin, in Unix nanoseconds
	next     int     // the first start that no line has reached
	services []*service
	now      *service // of the last line
	name     []byte   // reused
}

// service is one source of lines in the log.
type service struct {
	name string
	run  *runScan
}

// maxServices bounds the services of one log that are read apart; the lines of further ones are read together.
const maxServices = 64

func newScanner(opts Options) *scanner {
	starts := slices.Clone(opts.Starts)
	slices.SortStableFunc(starts, time.Time.Compare)
	return &scanner{starts: starts, from: beginnings(opts, starts), opts: opts}
}

// beginnings is where the lines of each run begin.
func beginnings(opts Options, starts []time.Time) []int64 {
	from := make([]int64, len(starts))
	for i, start := range starts {
		from[i] = start.Add(-early).UnixNano()
		if len(opts.From) != len(starts) {
			continue
		}
		if given := opts.From[i]; given.IsZero() {
			from[i] = math.MinInt64
		} else {
			from[i] = min(from[i], given.UnixNano())
		}
	}
	return from
}

// of returns the service of a line.
func (s *scanner) of(m *envelope.Message) *service {
	s.name = s.name[:0]
	if !s.opts.OneService {
		s.name = m.AppendSource(s.name)
	}
	if s.now != nil && string(s.name) == s.now.name {
		return s.now
	}
	name := excerpt.Name(s.name)
	at := slices.IndexFunc(s.services, func(v *service) bool { return v.name == name })
	if at < 0 && len(s.services) >= maxServices {
		s.report.MoreServices = true
		name = ""
		at = slices.IndexFunc(s.services, func(v *service) bool { return v.name == "" })
	}
	if at < 0 {
		at = len(s.services)
		s.services = append(s.services, &service{name: name, run: s.newRun(name)})
	}
	s.now = s.services[at]
	return s.now
}

// newRun returns the reader of a service's lines in the current run.
func (s *scanner) newRun(name string) *runScan {
	var start time.Time
	if s.next > 0 {
		start = s.starts[s.next-1]
	}
	return newRunScan(start, name, s.opts.Found)
}

func (s *scanner) add(m *envelope.Message) {
	if !m.Within {
		s.report.Lines++
		if m.Cut {
			s.report.TruncatedLines++
		}
		s.time(&m.Stamp)
	}
	l := logical{number: s.report.Lines, at: m.Stamp.At, timed: m.Stamp.Known, stream: m.Stream, text: m.Text,
		shipped: s.opts.OneService && m.Shipped}
	if m.Record {
		l.begins, l.ends, l.objects = !m.Within, !m.More, m.Exception
		if l.begins {
			l.level, l.gravity, l.fatal, l.object = prefix.LevelOf(m.Level), gravityOfLevel(m.Level), m.Fatal, m.Object
		}
	}
	s.of(m).run.add(&l, !m.Within)
}

// time notes the time of a line, and goes on to the run that it belongs to.
func (s *scanner) time(read *stamp.Time) {
	if !read.Known {
		return
	}
	s.report.GuessedYear = s.report.GuessedYear || read.NoYear
	s.report.GuessedZone = s.report.GuessedZone || read.NoZone
	s.report.UnclearZone = cmp.Or(s.report.UnclearZone, read.Unclear)
	s.advance(read.At)
	at := instant(read.At, true)
	if s.report.FirstAt.IsZero() || at.Before(s.report.FirstAt) {
		s.report.FirstAt = at
	}
	s.report.LastAt = latest(s.report.LastAt, at)
}

// advance closes the runs that a line of this time is past. Runs never go back: lines come as they were written.
func (s *scanner) advance(at int64) {
	for s.next < len(s.starts) && s.from[s.next] <= at {
		s.close()
		s.next++
	}
}

// settle reports what is open.
func (s *scanner) settle() {
	for _, v := range s.services {
		v.run.settle()
	}
}

// close reports the current run of every service. Lines of an unknown run are reported only if there are any.
func (s *scanner) close() {
	runs := 0
	for _, v := range s.services {
		if run := v.run.finish(); run.Lines > 0 {
			s.report.Unread.add(run.Unread)
			s.report.Kernel.add(run.Kernel)
			s.report.Runs = append(s.report.Runs, run)
			runs++
		}
	}
	s.services, s.now = nil, nil
	if runs == 0 && (s.next > 0 || len(s.starts) == 0) {
		s.report.Runs = append(s.report.Runs, s.newRun("").finish())
	}
}

func (s *scanner) finish() *Report {
	s.close()
	for s.next < len(s.starts) {
		s.next++
		s.report.Runs = append(s.report.Runs, s.newRun("").finish())
	}
	return &s.report
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// instant turns Unix nanoseconds into a time, the zero time if the line had none.
func instant(ns int64, timed bool) time.Time {
	if !timed {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}
