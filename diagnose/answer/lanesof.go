package answer

import (
	"bytes"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
)

// Bounds of the span that is drawn.
const (
	wholeRun = 10 * time.Minute // a run of at most this length is drawn whole
	minSpan  = time.Second
	maxSpan  = 24 * time.Hour
	logSteps = 120
	maxLanes = 500 // of each kind; a ring and a health log hold far less
)

func lanesOf(c inquest.Case, moments []Moment) Lanes {
	t := Lanes{Runs: []LaneRun{}, Probes: []LaneProbe{}, Memory: memoryLane(c), Unhealthy: c.Unhealthy,
		UnhealthyEarlier: c.Earlier != nil}
	if c.Earlier != nil {
		t.UnhealthyAbout = c.Earlier.About
	}
	for i := range c.Lives {
		if len(t.Runs) < maxLanes {
			t.Runs = append(t.Runs, laneRun(c, &c.Lives[i]))
		}
	}
	counts, passed := startPeriodOf(c), false
	for _, p := range c.Probes {
		passed = passed || !p.Failed()
		if !p.Start.IsZero() && len(t.Probes) < maxLanes {
			t.Probes = append(t.Probes, LaneProbe{At: p.Start, DurationMs: float64(p.Duration) / float64(time.Millisecond),
				Outcome: string(p.Outcome), Failed: p.Failed(), Starting: p.Failed() && !passed && p.Start.Before(counts)})
		}
	}
	if c.Spec != nil && c.Spec.Memory > 0 {
		t.MemoryLimit = &c.Spec.Memory
	}
	from, to, ok := laneSpan(c, moments)
	if !ok {
		return t
	}
	t.From, t.To = &from, &to
	t.Log = logLane(c, from, to)
	return t
}

// startPeriodOf is the moment from which a failure of the health check counts in the examined run.
func startPeriodOf(c inquest.Case) time.Time {
	if c.Life == nil || c.Spec == nil || c.Spec.Healthcheck == nil || c.Life.Start.IsZero() {
		return time.Time{}
	}
	return c.Life.Start.Add(c.Spec.Healthcheck.StartPeriod)
}

func laneRun(c inquest.Case, r *evidence.Life) LaneRun {
	run := LaneRun{End: r.End, Alive: r.Alive, ExitCode: r.ExitCode, Examined: r == c.Life}
	if !r.Start.IsZero() {
		start := r.Start
		run.Start = &start
	}
	return run
}

// trackSpan picks the time that tells the story: the whole run where it was short,
// otherwise from the first thing that happened before the end.
func laneSpan(c inquest.Case, moments []Moment) (from, to time.Time, ok bool) {
	if c.Life == nil {
		return from, to, false
	}
	to = c.Now
	if c.Life.End != nil {
		to = *c.Life.End
	}
	from = to
	earliest := func(at time.Time) {
		if !at.IsZero() && at.Before(from) && to.Sub(at) <= maxSpan {
			from = at
		}
	}
	for _, m := range moments {
		if m.What != "started" && !m.At.Before(c.Life.Start) {
			earliest(m.At)
		}
	}
	for _, p := range c.Probes {
		earliest(p.Start)
	}
	if length := to.Sub(from); to.Sub(c.Life.Start) <= max(wholeRun, 2*length) {
		earliest(c.Life.Start)
	}
	length := max(to.Sub(from), minSpan)
	margin := length / 24
	return from.Add(-margin), to.Add(margin), true
}

// memoryTrack gathers the moments at which the memory in use was told: by the
// kernel when it killed, by the control group at the capture.
func memoryLane(c inquest.Case) []LaneMemory {
	list := []LaneMemory{}
	for _, k := range c.Kills {
		if k.At != nil && k.Memory != nil && k.Memory.Usage != nil && len(list) < maxLanes {
			list = append(list, LaneMemory{At: *k.At, Bytes: *k.Memory.Usage, Source: fact.SourceKernelLog})
		}
	}
	if c.Alive() && c.Cgroup != nil && c.Cgroup.MemoryUsage != nil {
		list = append(list, LaneMemory{At: c.Now, Bytes: *c.Cgroup.MemoryUsage, Source: fact.SourceCgroup})
	}
	return list
}

// logTrack counts the lines of the log within a span; nil where the log was not
// read. Lines begin with the engine's stamp, in UTC and ascending but for a few
// milliseconds.
func logLane(c inquest.Case, from, to time.Time) *LaneLog {
	if c.Log == nil || c.Log.FirstAt.IsZero() {
		return nil
	}
	step := to.Sub(from) / logSteps
	track := &LaneLog{StepSeconds: step.Seconds(), Lines: make([]int, logSteps)}
	first, last := from.UTC().Format(stampSecond), to.UTC().Format(stampSecond)
	for line := range bytes.Lines(c.Logs) {
		if len(line) < len(stampSecond) || string(line[:len(stampSecond)]) < first || string(line[:len(stampSecond)]) > last {
			continue // as texts: parsing the stamps of a large log would take longer than reading it
		}
		stamp, _, _ := bytes.Cut(line, []byte(" "))
		at, err := time.Parse(time.RFC3339Nano, string(stamp))
		if i := at.Sub(from) / step; err == nil && !at.Before(from) && i < logSteps {
			track.Lines[i]++
		}
	}
	return track
}

const stampSecond = "2006-01-02T15:04:05"
