package replay

import (
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/simulate"
)

// Stats is what a series of probes tells about all probes to come. A latency is
// null where the sample is too small for it; a timed-out probe counts as one that
// takes at least its timeout.
type Stats struct {
	N               int        `json:"n"`
	Failures        int        `json:"failures"`
	FailureRate     *float64   `json:"failureRate"`
	FailureRateLow  *float64   `json:"failureRateLow"` // Wilson, 95 %
	FailureRateHigh *float64   `json:"failureRateHigh"`
	P50Ms           *float64   `json:"p50Ms"`
	P90Ms           *float64   `json:"p90Ms"`
	P95Ms           *float64   `json:"p95Ms"`
	P99Ms           *float64   `json:"p99Ms"`
	MaxMs           *float64   `json:"maxMs"`
	Quantiles       []Estimate `json:"quantiles"` // those that the sample allows, with their intervals
	Histogram       []Bucket   `json:"histogram"` // of the latency, in octaves; empty ones between are kept
	LongestStallMs  *float64   `json:"longestStallMs"`
	FirstPassMs     *float64   `json:"firstPassMs"` // from the first probe to the first success; null = no success
	// fast answers, failures, timeouts: where there are two kinds, a mean says nothing
	Modes []ModeCount `json:"modes"`
}

// Estimate is a quantile with its 95 % interval.
type Estimate struct {
	Q       float64 `json:"q"`
	Ms      float64 `json:"ms"`
	LowMs   float64 `json:"lowMs"`
	HighMs  float64 `json:"highMs"`
	AtLeast bool    `json:"atLeast"` // it falls among the timeouts: the true value is not known, only this bound
}

// Bucket is a bar of the histogram: FromMs <= latency < ToMs.
type Bucket struct {
	FromMs float64 `json:"fromMs"`
	ToMs   float64 `json:"toMs"`
	Count  int     `json:"count"`
	Failed int     `json:"failed"`
}

// ModeCount counts one kind of end.
type ModeCount struct {
	Outcome string `json:"outcome"`
	Count   int    `json:"count"`
}

// PhaseStats are the times of one phase over the probes that finished it.
type PhaseStats struct {
	Phase    string   `json:"phase"`
	N        int      `json:"n"`
	MedianMs float64  `json:"medianMs"`
	P95Ms    *float64 `json:"p95Ms"`
	MaxMs    float64  `json:"maxMs"`
	DiedIn   int      `json:"diedIn"` // failed probes that ended in this phase
}

func StatsOf(list []Reading) Stats {
	s := Stats{N: len(list), Quantiles: []Estimate{}, Histogram: []Bucket{}, Modes: []ModeCount{}}
	if len(list) == 0 {
		return s
	}
	latencies := make([]float64, 0, len(list))
	censored := 0.0 // the smallest time of a timed-out probe; 0 = none timed out
	for _, r := range list {
		ms := Rounded(r.Latency)
		latencies = append(latencies, ms)
		if r.Failed() {
			s.Failures++
		} else if s.FirstPassMs == nil {
			first := Rounded(r.At.Add(r.Took()).Sub(list[0].At))
			s.FirstPassMs = &first
		}
		if r.Fault == FaultTimeout && (censored == 0 || ms < censored) {
			censored = ms
		}
		s.count(r.Outcome)
	}
	slices.Sort(latencies)
	rate := float64(s.Failures) / float64(s.N)
	low, high := simulate.Wilson(s.Failures, s.N)
	s.FailureRate, s.FailureRateLow, s.FailureRateHigh = &rate, &low, &high
	s.MaxMs = &latencies[len(latencies)-1]
	s.quantiles(latencies, censored)
	s.Histogram = histogram(list)
	if outages := OutagesOf(list); len(outages) > 0 {
		longest := time.Duration(0)
		for _, o := range outages {
			longest = max(longest, o.To-o.From)
		}
		ms := Rounded(longest)
		s.LongestStallMs = &ms
	}
	return s
}

func (s *Stats) count(outcome string) {
	for i := range s.Modes {
		if s.Modes[i].Outcome == outcome {
			s.Modes[i].Count++
			return
		}
	}
	s.Modes = append(s.Modes, ModeCount{outcome, 1})
}

func (s *Stats) quantiles(ascending []float64, censored float64) {
	for _, want := range []struct {
		q  float64
		to **float64
	}{{0.5, &s.P50Ms}, {0.9, &s.P90Ms}, {0.95, &s.P95Ms}, {0.99, &s.P99Ms}} {
		q, ok := simulate.QuantileOf(ascending, want.q)
		if !ok {
			continue
		}
		*want.to = &q.Value
		s.Quantiles = append(s.Quantiles, Estimate{want.q, q.Value, q.Low, q.High, censored > 0 && q.Value >= censored})
	}
}

// histogram sorts the latencies into octaves from a quarter of a millisecond on.
func histogram(list []Reading) []Bucket {
	const first = 0.25
	var counts [40]Bucket
	lowest, highest := len(counts), -1
	for _, r := range list {
		i, edge := 0, first
		for ms := Rounded(r.Latency); ms >= edge && i < len(counts)-1; edge *= 2 {
			i++
		}
		counts[i].Count++
		if r.Failed() {
			counts[i].Failed++
		}
		lowest, highest = min(lowest, i), max(highest, i)
	}
	buckets := []Bucket{}
	for i := lowest; i <= highest; i++ {
		b := counts[i]
		b.ToMs = first * float64(uint64(1)<<i)
		if i > 0 {
			b.FromMs = b.ToMs / 2
		}
		buckets = append(buckets, b)
	}
	return buckets
}

// OutagesOf joins neighbouring failures into spans, from the first failed probe's
// start to the next good one's, or the last failed one's end. Offsets count from
// the first probe.
func OutagesOf(list []Reading) []simulate.Outage {
	var outages []simulate.Outage
	open := false
	for _, r := range list {
		at := r.At.Sub(list[0].At)
		switch {
		case r.Failed() && !open:
			outages = append(outages, simulate.Outage{From: at, To: at + r.Took(), Answered: r.Fault != FaultTimeout})
			open = true
		case r.Failed():
			last := &outages[len(outages)-1]
			last.To = max(last.To, at+r.Took())
			last.Answered = last.Answered && r.Fault != FaultTimeout
		case open:
			last := &outages[len(outages)-1]
			last.To, open = max(last.From, min(last.To, at)), false
		}
	}
	return outages
}

// phaseStats lists the phases that any probe finished or died in.
func PhasesOf(list []Reading) []PhaseStats {
	found := []PhaseStats{}
	for _, phase := range []struct {
		name string
		of   func(Record) *float64
	}{
		{PhaseDNS, func(r Record) *float64 { return r.DNSMs }},
		{PhaseConnect, func(r Record) *float64 { return r.ConnectMs }},
		{PhaseTLS, func(r Record) *float64 { return r.TLSMs }},
		{PhaseWait, func(r Record) *float64 { return r.WaitMs }},
		{PhaseBody, func(r Record) *float64 { return r.BodyMs }},
		{PhaseExec, func(r Record) *float64 { return nil }},
	} {
		var times []float64
		died := 0
		for _, r := range list {
			if ms := phase.of(r.Record); ms != nil {
				times = append(times, *ms)
			}
			if r.Failed() && r.Reached == phase.name {
				died++
			}
		}
		if len(times) == 0 && died == 0 {
			continue
		}
		found = append(found, phaseStat(phase.name, times, died))
	}
	return found
}

func phaseStat(name string, times []float64, died int) PhaseStats {
	p := PhaseStats{Phase: name, N: len(times), DiedIn: died}
	if len(times) == 0 {
		return p
	}
	slices.Sort(times)
	p.MedianMs, p.MaxMs = times[len(times)/2], times[len(times)-1]
	if q, ok := simulate.QuantileOf(times, 0.95); ok {
		p.P95Ms = &q.Value
	}
	return p
}
