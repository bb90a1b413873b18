package probe

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// Describe writes into a replay what was planned: how many probes, how far apart, each with how much time.
func (p Plan) Describe(r *replay.Replay, timeout time.Duration) {
	r.Planned, r.IntervalMs, r.TimeoutMs = p.Count, Millis(p.Interval), Millis(timeout)
	if p.Count == 0 && p.Interval > 0 {
		r.Planned = int(p.Duration / p.Interval)
	}
}

// Outcome is the source that a replay gives which ran: whole, or what was seen until it ended early.
func Outcome(r replay.Replay) source.Outcome {
	if r.Probes == nil {
		r.Probes = []replay.Record{}
	}
	data, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return source.Failed(err)
	}
	o := source.Collected(fmt.Sprintf("%d probes", len(r.Probes)))
	if r.Ended != "" {
		o = source.Truncated(fmt.Sprintf("%d probes; %s", len(r.Probes), r.Ended))
	}
	o.Source.Name = fact.SourceReplay
	return o.With(bundle.FileReplay, append(data, '\n'))
}
