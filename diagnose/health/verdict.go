package health

import (
	"fmt"
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
func (s Subject) verdict(list []Reading) Verdict {
	if len(list) == 0 {
		return s.recordedVerdict()
	}
	var failed []Reading
	for _, r := range list {
		if r.Failed() {
			failed = append(failed, r)
		}
	}
	switch {
	case len(failed) == 0:
		return s.passing(list)
	case SlowStart(list, s.Started):
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
		summary += ListensElsewhere(s.Listeners)
	}
	return Verdict{top.picture.Kind, top.picture.ID, top.Reached, summary}
}

// mostFrequent returns the newest failure of the most frequent picture.
func mostFrequent(failed []Reading) Reading {
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
func (s Subject) passing(list []Reading) Verdict {
	slowest, against := time.Duration(0), ""
	for _, r := range list {
		slowest = max(slowest, r.Latency)
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
