package servicelog

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

// Options tells Scan what the log alone does not.
type Options struct {
	// Starts are the start times of the container's runs, ascending. A line belongs to the last run whose start
	// is at most 50 ms after the line: the first lines of a fast crash are stamped up to a few ms before
	// StartedAt (docs/notes/DOCKER.md#a4). Empty: the log is one run.
	Starts []time.Time
	// From says better where each run's lines begin, for those who know how the runs lie: as many as Starts, zero =
	// with the log's first line.
	From []time.Time
	// OneService: every line is the service's, whatever its envelope says, as in a container's own log. Otherwise the
	// lines of each service in the log are read apart.
	OneService bool
	// Zone is of times that have none; nil = UTC. Near is a time that the log cannot be much after, for times without a
	// year; the zero time = what whole dates in the log say.
	Zone *time.Location
	Near time.Time
	// Found, if set, is called with each finding when it is first seen, so before its count, and what the whole run
	// says of it, are known.
	Found func(Finding)
}

// Report is what the log shows.
type Report struct {
	// Runs has one entry for every Options.Starts, also where a run wrote nothing, in order. Lines that belong to
	// no given start (an older run, or no time at all) make a first entry whose Start is zero. Where the log has several
	// services, each has an entry for each run in which it wrote.
	Runs            []Run
	Lines           int   // logical lines
	Bytes           int64 // as read, headers included
	FirstAt, LastAt time.Time
	TruncatedLines  int // logical lines cut at 64 KiB

	Unread Unread // lines that look like a failure in a form that was not understood
	Kernel Unread // the same of the kernel's lines, which package kernellog reads

	MoreServices bool            // there were more than 64 services; the lines of the others were read as those of one
	GuessedYear  bool            // times had no year
	GuessedZone  bool            // times had no zone; Options.Zone, else UTC was taken
	UnclearZone  string          // the first abbreviation of a zone that means several; GuessedZone holds
	Notes        []envelope.Note // what was done to the log as a whole to read it
	Prefix       string          // how every line begins, where that was not understood
}

// Run is one life of the container.
type Run struct {
	Service         string    // whose lines these are, as the log names it; "" where it does not
	Start           time.Time // zero: not known
	Lines           int
	FirstAt, LastAt time.Time // zero: no line carried a time
	Findings        []Finding // by first sighting
	DroppedFindings int       // distinct findings beyond the cap of 256 a run
	Unread, Kernel  Unread    // as in Report
	Lifecycle       Lifecycle
	Workers         []Worker      // by first sighting, at most 64, the newest
	DroppedWorkers  int           // older ones
	Tail            []Line        // the last 20 logical lines, oldest first
	LastWords       *LastWords    // nil: it printed nothing
	Serving         *Line         // by which an unknown program says that it is a server, or serves; nil: none is known
	Accesses        int           // access lines with a time, those of health checks among them
	Mixed           []string      // servers that began in this log and do not belong together; nil for one
	Answers         Answers       // to requests, health checks left out
	LongestGap      time.Duration // longest silence between two timed lines
	MedianGap       time.Duration // estimate within 20 %, zero with fewer than two timed lines
	UsualGap        time.Duration // what 99 of 100 gaps do not exceed, estimated likewise
	Gaps            int           // gaps that were measured

	// The same of the access lines of health checks, whatever was answered.
	ProbeLastAt   time.Time
	UsualProbeGap time.Duration
	ProbeGaps     int
}

// Answers are what the access lines tell of the newest requests.
type Answers struct {
	Seen, Failed int       // of the newest, at most 40, since errors began: how many, and those answered with a 5xx
	FailedAt     time.Time // the newest of these of all; zero: none
	Well         int       // answers since then
	WellSince    time.Time // the first of them
	Before       int       // answers without an error before the newest run of errors
}

// Lifecycle is what the server said about its own life. A nil time means that the line was not seen; a pointer to a
// zero time that it was seen without a time.
type Lifecycle struct {
	Server     string // uvicorn, gunicorn, hypercorn or ""
	State      State
	ServerPIDs []int // as printed, so in the container's pid namespace; at most 32
	Started    *time.Time
	Ready      *time.Time // first worker ready; a gunicorn sync worker never says so
	Draining   *time.Time
	Finished   *time.Time // the last orderly end
	// StartedLine and ReadyLine are the logical line numbers of Started and Ready, zero where those are nil.
	StartedLine, ReadyLine int
	// StopRequested: somebody asked for the stop (Shutting down, Handling signal: term …). False after a planned
	// recycle or a stop that the server decided on.
	StopRequested bool
	// Waiting: the server said that it waits for the start of an application's lifespan, and not that this has come to
	// an end.
	Waiting bool
	// Recycled: a server said that it ends since it has served as many requests as it may.
	Recycled bool
}

// Finding is one signature with everything the log says about it. Sightings of the same signature with the same
// exception type in the same run are one finding; At, Line, Excerpt and PID are those of the first.
type Finding struct {
	ID       string
	Service  string // as Run.Service
	Cause    string // one of the ten cause IDs, or "" for a supporting fact
	Other    string // ID of a NamedOther, "" for none
	Object   string // what it is about: a command, port, path, host or setting; "" where the text does not say
	Role     fact.Role
	Strength fact.Strength
	At       time.Time // zero: the line had no time
	LastAt   time.Time
	Line     int // logical line number, from 1
	LastLine int // the same of the newest sighting
	Count    int
	Spell    Spell  // the newest sightings: an old one explains no new moment
	Resumed  string // a line that came before the newest sightings, not among them, and comes again; "" = none is known
	Excerpt  string // at most 400 bytes, sanitised, one line
	// Exception is the effective exception of the traceback that belongs to the line, nil if there is none.
	Exception *traceback.Exception
	// AfterShutdown: a stop had been requested before, so this may be the noise of stopping.
	AfterShutdown bool
	PID           int // named by the line; zero: none
	// Independent: of such a line, that it came evenly between those of another line that goes on by a clock of its own,
	// twice and more for each of them: one loop prints no two such rhythms.
	Independent bool
	// Every is the mean gap of a line that came steadily (steady-line-stopped), zero otherwise.
	Every time.Duration
}

// Spell is a time in which a finding was seen again and again, without a pause that is long for it.
type Spell struct {
	At     time.Time // the first of its sightings
	Count  int
	Within time.Duration // the sum of the gaps within this and earlier spells
	Gaps   int           // how many these are
}

// spellPause is the shortest pause that ends a spell, and spellGaps how many of its own usual gaps the pause must have.
const (
	spellPause = 10 * time.Second
	spellGaps  = 3
)

// Gap is the mean gap between the sightings of a spell; where each spell had only one, that between the spells. Zero
// where there was only one sighting.
func (f Finding) Gap() time.Duration {
	switch {
	case f.Spell.Gaps > 0:
		return f.Spell.Within / time.Duration(f.Spell.Gaps)
	case f.Count > 1:
		return f.LastAt.Sub(f.At) / time.Duration(f.Count-1)
	}
	return 0
}

// again notes a further sighting.
func (f *Finding) again(at time.Time, line int) {
	switch gap := at.Sub(f.LastAt); {
	case at.IsZero() || f.LastAt.IsZero():
	case gap > max(spellPause, spellGaps*f.Gap()):
		f.Spell.At, f.Spell.Count = at, 0
	case gap > 0:
		f.Spell.Within, f.Spell.Gaps = f.Spell.Within+gap, f.Spell.Gaps+1
	}
	f.Spell.Count++
	f.Count++
	f.LastAt, f.LastLine = latest(f.LastAt, at), max(f.LastLine, line)
}

// Line is one logical line.
type Line struct {
	Number int
	At     time.Time
	Stream string // stdout, stderr or "" where the input does not say
	Text   string // at most 400 bytes, sanitised
	// Quoted: the line tells of something else than the service itself: another container's line that it ships, or a test
	// runner's account of a test.
	Quoted bool
	Level  Gravity // that a structured logger gave it, apart from its text
}
