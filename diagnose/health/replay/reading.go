package replay

import (
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

func Median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

// Reading is one replayed probe with what it means.
type Reading struct {
	Record
	Latency time.Duration // overhead taken off
	Picture Picture       // of a failed probe
	Outcome string
	Remark  string // its note, and what this reading adds
	Against string // what the body of a passed probe says against the service's health
}

// ReadProbes reads every probe of a replay; nil where nothing was replayed. test is the
// configured check, nil for a probe of a URL.
func ReadProbes(replay *Replay, test []string) []Reading {
	if replay == nil {
		return nil
	}
	overhead := Millis(Median(replay.OverheadMs))
	list := make([]Reading, 0, len(replay.Probes))
	for _, record := range replay.Probes {
		r := Reading{Record: record, Latency: max(record.Took()-overhead, 0), Remark: record.Note}
		if record.Fault == FaultTimeout { // the limit holds for the whole
			r.Latency = record.Took()
		}
		r.Outcome = outcomeWord(record)
		if r.Failed() {
			r.Picture = replay.picture(test, record)
		} else if r.Against = check.UnhealthyBody(record.Output); r.Against != "" {
			r.Remark = JoinNotes(r.Remark, "the check passes, but the body says "+r.Against)
		}
		list = append(list, r)
	}
	return list
}

func JoinNotes(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

func outcomeWord(r Record) string {
	switch r.Fault {
	case "":
		return "pass"
	case FaultTimeout:
		return "timeout"
	case FaultStatus:
		return "fail"
	case FaultEngine:
		return "error"
	}
	return "fail"
}

// picture reads an exec's record through its exit code and words, a network
// probe's through its phase.
func (replay *Replay) picture(test []string, r Record) Picture {
	timeout := Millis(replay.TimeoutMs)
	switch {
	case replay.Kind != "exec":
		return pictureOf(r, timeout)
	case r.Fault == FaultTimeout:
		return execTimedOut(r, timeout)
	}
	code := -1
	if r.ExitCode != nil {
		code = *r.ExitCode
	}
	output := r.Output
	if output == "" {
		output = r.Detail
	}
	result := check.Classify(test, check.Probe{Start: r.At, End: r.At.Add(r.Took()), ExitCode: code,
		Output: output}, timeout)
	return execPicture(result)
}

// execTimedOut reads a check that did not end. Its own program may hang as well as
// the service that it asks, so only the sockets can tell.
func execTimedOut(r Record, timeout time.Duration) Picture {
	phase := "the check did not end within " + words.Duration(timeout)
	if p := waitPicture(r, phase); p.ID != PictureNoAnswer {
		return p
	}
	return Picture{PictureNoAnswer, KindHanging, phase + ": it hangs itself, or the service that it asks gives no " +
		"answer"}
}

func execPicture(result check.Result) Picture {
	p := Picture{PictureStatus, KindFailing, result.Summary}
	switch result.Outcome {
	case check.ToolMissing, check.NotExecutable, check.ForkFailed:
		p.ID, p.Kind = PictureProbeBroken, KindMisconfigured
	case check.EngineError:
		p.ID = PictureEngine
	case check.Refused:
		p.ID = PictureNothing
	case check.DNS:
		p.ID, p.Kind = PictureUnreachable, KindMisconfigured
	case check.Timeout:
		p.ID, p.Kind = PictureNoAnswer, KindHanging
		if result.Outlasts {
			p.ID, p.Kind = PictureProbeBroken, KindMisconfigured
		}
	case check.Reset, check.EmptyReply:
		p.ID = PictureBrokenOff
	case check.TLS:
		p.ID, p.Kind = PictureWrongProtocol, KindMisconfigured
	}
	return p
}

// startWindow is how old a run may be for its failures to count as its start.
const startWindow = 10 * time.Minute

// SlowStart tells whether there are failures at the beginning of a young run, then
// successes only. started is the run's; zero = not known.
func SlowStart(list []Reading, started time.Time) bool {
	if len(list) == 0 || started.IsZero() || list[0].At.Sub(started) > startWindow {
		return false
	}
	passed := 0
	for _, r := range list {
		switch {
		case !r.Failed():
			passed++
		case passed > 0:
			return false
		case r.Picture.ID == PictureProbeBroken:
			return false
		}
	}
	return passed >= 2
}

// FirstSuccess is how long after the start the first good answer came; ok is false
// where it was good from the first probe on, or the start is not known.
func FirstSuccess(list []Reading, started time.Time) (took time.Duration, ok bool) {
	if len(list) == 0 || !list[0].Failed() || !SlowStart(list, started) {
		return 0, false
	}
	for _, r := range list {
		if !r.Failed() {
			return r.At.Sub(started), true
		}
	}
	return 0, false
}

// rounded is milliseconds with three decimals.
func Rounded(d time.Duration) float64 { return float64(d.Round(time.Microsecond)) / 1e6 }
