package health

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Verdict is the whole in one sentence.
type Verdict struct {
	Kind    string `json:"kind"`
	Picture string `json:"picture,omitempty"`
	Phase   string `json:"phase,omitempty"` // in which most failed probes ended
	Summary string `json:"summary"`
}

// The kinds of a verdict. Unknown is where nothing was probed or recorded.
const (
	KindHealthy       = "healthy"
	KindSlow          = "slow"
	KindHanging       = "hanging"
	KindFailing       = "failing"
	KindMisconfigured = "misconfigured"
	KindUnknown       = "unknown"
)

// verdict puts it into one sentence, from what was replayed or, without a replay,
// from the engine's record.
func (s Subject) verdict(list []probeReading) Verdict {
	if len(list) == 0 {
		return s.recordedVerdict()
	}
	var failed []probeReading
	for _, r := range list {
		if r.failed {
			failed = append(failed, r)
		}
	}
	switch {
	case len(failed) == 0:
		return s.passing(list)
	case s.slowStart(list):
		first := list[len(failed)].At.Sub(s.Started)
		return Verdict{KindSlow, PictureSlowStart, failed[0].Reached, fmt.Sprintf(
			"it starts slowly: the first good answer came %s after the start; before, %s", span(first), failed[len(failed)-1].picture.Summary)}
	}
	top := mostFrequent(failed)
	summary := top.picture.Summary
	if len(failed) < len(list) {
		summary = fmt.Sprintf("%d of %s failed: %s", len(failed), counted(len(list), "probe"), summary)
	}
	if top.picture.ID == PictureNothing {
		summary += s.listensElsewhere()
	}
	return Verdict{top.picture.Kind, top.picture.ID, top.Reached, summary}
}

// startWindow is how old a run may be for its failures to count as its start.
const startWindow = 10 * time.Minute

// slowStart: failures at the beginning of a young run, then successes only.
func (s Subject) slowStart(list []probeReading) bool {
	if s.Started.IsZero() || list[0].At.Sub(s.Started) > startWindow {
		return false
	}
	passed := 0
	for _, r := range list {
		switch {
		case !r.failed:
			passed++
		case passed > 0:
			return false
		case r.picture.ID == PictureProbeBroken:
			return false
		}
	}
	return passed >= 2
}

// mostFrequent returns the newest failure of the most frequent picture.
func mostFrequent(failed []probeReading) probeReading {
	counts := map[string]int{}
	top := failed[0]
	for _, r := range failed {
		counts[r.picture.ID]++
	}
	for _, r := range failed {
		if counts[r.picture.ID] >= counts[top.picture.ID] {
			top = r
		}
	}
	return top
}

// passing is the verdict where every probe passed.
func (s Subject) passing(list []probeReading) Verdict {
	slowest, against := time.Duration(0), ""
	for _, r := range list {
		slowest = max(slowest, r.own)
		if r.against != "" {
			against = r.against
		}
	}
	if against != "" {
		return Verdict{KindMisconfigured, PictureUnhealthyBody, PhaseDone, "the check passes although the body says " + against +
			": Docker, Kubernetes and curl -f look at the status alone and take it for healthy"}
	}
	n := counted(len(list), "probe")
	if timeout := millis(s.Replay.TimeoutMs); timeout > 0 && slowest > timeout/2 {
		return Verdict{KindSlow, "", PhaseDone, fmt.Sprintf("%s passed, but the slowest took %s of the %s that it may take", n, span(slowest), span(timeout))}
	}
	return Verdict{KindHealthy, "", PhaseDone, fmt.Sprintf("%s passed, the slowest in %s", n, span(slowest))}
}

func (s Subject) recordedVerdict() Verdict {
	if s.Recorded == nil || len(s.Recorded.Log) == 0 {
		return Verdict{Kind: KindUnknown, Summary: "nothing was probed, and the engine has recorded nothing"}
	}
	last := s.Recorded.Log[len(s.Recorded.Log)-1]
	v := Verdict{Summary: "as recorded by the engine, nothing was replayed: " + last.Summary}
	switch last.Outcome {
	case Pass, Teardown:
		v.Kind = KindHealthy
	case Timeout:
		v.Kind, v.Picture = KindHanging, PictureNoAnswer
	case ToolMissing, NotExecutable, ForkFailed:
		v.Kind, v.Picture = KindMisconfigured, PictureProbeBroken
	case Refused:
		v.Kind, v.Picture = KindFailing, PictureNothing
	default:
		v.Kind, v.Picture = KindFailing, PictureStatus
	}
	return v
}

// listensElsewhere names the ports that are open instead; "" where none is, or the
// host does not tell.
func (s Subject) listensElsewhere() string {
	var open []string
	for _, l := range s.Listeners {
		// Docker's own resolver listens on 127.0.0.11 in every user network.
		if word := fmt.Sprintf("%s port %d", l.Address, l.Port); l.Address != "127.0.0.11" && !slices.Contains(open, word) {
			open = append(open, word)
		}
	}
	if len(open) == 0 {
		return ""
	}
	return "; it listens on " + strings.Join(open[:min(len(open), 4)], ", ")
}
