package health

import (
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/lint"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Verdict is the whole in one sentence.
type Verdict struct {
	Kind    string `json:"kind"`
	Picture string `json:"picture,omitempty"`
	Phase   string `json:"phase,omitempty"` // in which most failed probes ended
	Summary string `json:"summary"`
}

// Verdict is that of [Examine], without the rest of it.
func (s Target) Verdict() Verdict { return s.verdict(replay.ReadProbes(s.Replay, s.test())) }

// verdict puts it into one sentence, from what was replayed or, without a replay,
// from the engine's record.
func (s Target) verdict(list []replay.Reading) Verdict {
	if len(list) == 0 {
		return s.recordedVerdict()
	}
	var failed []replay.Reading
	for _, r := range list {
		if r.Failed() {
			failed = append(failed, r)
		}
	}
	switch {
	case len(failed) == 0:
		return s.passing(list)
	case replay.SlowStart(list, s.Started):
		first := list[len(failed)].At.Sub(s.Started)
		return Verdict{replay.KindSlow, replay.PictureSlowStart, failed[0].Reached, fmt.Sprintf(
			"it starts slowly: the first good answer came %s after the start; before, %s", words.Duration(first),
			failed[len(failed)-1].Picture.Summary)}
	}
	top := mostFrequent(failed)
	summary := top.Picture.Summary
	if len(failed) < len(list) {
		summary = fmt.Sprintf("%d of %s failed: %s", len(failed), replay.Counted(len(list), "probe"), summary)
	}
	if top.Picture.ID == replay.PictureNothing {
		summary += lint.ListensElsewhere(s.Listeners)
	}
	return Verdict{top.Picture.Kind, top.Picture.ID, top.Reached, summary}
}

// mostFrequent returns the newest failure of the most frequent picture.
func mostFrequent(failed []replay.Reading) replay.Reading {
	counts := map[string]int{}
	top := failed[0]
	for _, r := range failed {
		counts[r.Picture.ID]++
	}
	for _, r := range failed {
		if counts[r.Picture.ID] >= counts[top.Picture.ID] {
			top = r
		}
	}
	return top
}

// passing is the verdict where every probe passed.
func (s Target) passing(list []replay.Reading) Verdict {
	slowest, against := time.Duration(0), ""
	for _, r := range list {
		slowest = max(slowest, r.Latency)
		if r.Against != "" {
			against = r.Against
		}
	}
	if against != "" {
		return Verdict{replay.KindMisconfigured, replay.PictureUnhealthyBody, replay.PhaseDone,
			"the check passes although the body says " + against +
				": Docker, Kubernetes and curl -f look at the status alone and take it for healthy"}
	}
	n := replay.Counted(len(list), "probe")
	if timeout := replay.Millis(s.Replay.TimeoutMs); timeout > 0 && slowest > timeout/2 {
		return Verdict{replay.KindSlow, "", replay.PhaseDone,
			fmt.Sprintf("%s passed, but the slowest took %s of the %s that it may take", n, words.Duration(slowest),
				words.Duration(timeout))}
	}
	return Verdict{replay.KindHealthy, "", replay.PhaseDone, fmt.Sprintf("%s passed, the slowest in %s",
		n, words.Duration(slowest))}
}

// recorder is who keeps a record of the probes that count.
func (s Target) recorder() string {
	if s.Pod != nil {
		return "kubelet"
	}
	return fact.SourceEngine
}

// outlasts tells whether the check takes longer than its timeout by itself.
func (s Target) outlasts() bool {
	return s.Config != nil && check.Parse(s.Config.Test).Least() >= s.Config.WithDefaults().Timeout
}

func (s Target) recordedVerdict() Verdict {
	if s.Recorded == nil || len(s.Recorded.Log) == 0 {
		return Verdict{Kind: replay.KindUnknown, Summary: "nothing was probed, and the " + s.recorder() +
			" has recorded nothing"}
	}
	last := s.Recorded.Log[len(s.Recorded.Log)-1]
	v := Verdict{Summary: "as recorded by the " + s.recorder() + ", nothing was replayed: " + last.Summary}
	switch last.Outcome {
	case check.Pass, check.Teardown:
		v.Kind = replay.KindHealthy
	case check.Timeout:
		v.Kind, v.Picture = replay.KindHanging, replay.PictureNoAnswer
		if s.outlasts() {
			v.Kind, v.Picture = replay.KindMisconfigured, replay.PictureProbeBroken
		}
	case check.ToolMissing, check.NotExecutable, check.ForkFailed:
		v.Kind, v.Picture = replay.KindMisconfigured, replay.PictureProbeBroken
	case check.Refused:
		v.Kind, v.Picture = replay.KindFailing, replay.PictureNothing
	default:
		v.Kind, v.Picture = replay.KindFailing, replay.PictureStatus
	}
	return v
}
