package health

import (
	"slices"
	"time"
)

func median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

// probeReading is one replayed probe with what it means.
type probeReading struct {
	Record
	own     time.Duration // overhead taken off
	failed  bool
	picture Picture // of a failed probe
	outcome string
	note    string
	against string // what the body of a passed probe says against the service's health
}

// readings reads every probe of the replay.
func (s Subject) readings() []probeReading {
	if s.Replay == nil {
		return nil
	}
	overhead := millis(median(s.Replay.OverheadMs))
	list := make([]probeReading, 0, len(s.Replay.Probes))
	for _, record := range s.Replay.Probes {
		r := probeReading{Record: record, own: max(record.took()-overhead, 0), failed: record.Failed(), note: record.Note}
		if record.Fault == FaultTimeout { // the limit holds for the whole
			r.own = record.took()
		}
		r.outcome = outcomeWord(record)
		if r.failed {
			r.picture = s.picture(record)
		} else if r.against = UnhealthyBody(record.Output); r.against != "" {
			r.note = joinNotes(r.note, "the check passes, but the body says "+r.against)
		}
		list = append(list, r)
	}
	return list
}

func joinNotes(a, b string) string {
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
func (s Subject) picture(r Record) Picture {
	timeout := millis(s.Replay.TimeoutMs)
	switch {
	case s.Replay.Kind != "exec":
		return pictureOf(r, timeout)
	case r.Fault == FaultTimeout:
		return execTimedOut(r, timeout)
	}
	code := -1
	if r.ExitCode != nil {
		code = *r.ExitCode
	}
	var test []string
	if s.Config != nil {
		test = s.Config.Test
	}
	output := r.Output
	if output == "" {
		output = r.Detail
	}
	result := Classify(test, Probe{Start: r.At, End: r.At.Add(r.took()), ExitCode: code, Output: output}, timeout)
	return execPicture(result)
}

// execTimedOut reads a check that did not end. Its own program may hang as well as
// the service that it asks, so only the sockets can tell.
func execTimedOut(r Record, timeout time.Duration) Picture {
	phase := "the check did not end within " + span(timeout)
	if p := waitPicture(r, phase); p.ID != PictureNoAnswer {
		return p
	}
	return Picture{PictureNoAnswer, KindHanging, phase + ": it hangs itself, or the service that it asks gives no answer"}
}

func execPicture(result Result) Picture {
	p := Picture{PictureStatus, KindFailing, result.Summary}
	switch result.Outcome {
	case ToolMissing, NotExecutable, ForkFailed:
		p.ID, p.Kind = PictureProbeBroken, KindMisconfigured
	case EngineError:
		p.ID = PictureEngine
	case Refused:
		p.ID = PictureNothing
	case DNS:
		p.ID, p.Kind = PictureUnreachable, KindMisconfigured
	case Timeout:
		p.ID, p.Kind = PictureNoAnswer, KindHanging
	case Reset, EmptyReply:
		p.ID = PictureBrokenOff
	case TLS:
		p.ID, p.Kind = PictureWrongProtocol, KindMisconfigured
	}
	return p
}

func (r probeReading) view() ExaminedProbe {
	p := ExaminedProbe{
		At: r.At.UTC(), DurationMs: rounded(r.own), Outcome: r.outcome, ExitCode: r.ExitCode, HTTPStatus: r.HTTPStatus,
		Phase: r.Reached, Picture: r.picture.ID, Note: r.note, Output: r.Output,
	}
	if r.failed {
		p.Note = joinNotes(p.Note, r.picture.Summary)
	}
	if r.Reached != PhaseExec && r.ExitCode == nil {
		p.PhasesMs = &PhasesMs{r.DNSMs, r.ConnectMs, r.TLSMs, r.WaitMs, r.BodyMs}
	}
	if r.Queue != nil || r.NeverAccepted != nil || r.Own != "" {
		p.Sockets = &Sockets{r.Queue, r.NeverAccepted, r.Unread, r.Waiting, r.Own, r.Threads}
	}
	return p
}

// rounded is milliseconds with three decimals.
func rounded(d time.Duration) float64 { return float64(d.Round(time.Microsecond)) / 1e6 }
