package evidence

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// noteRotation calls a log read in part where its driver has most likely thrown its beginning away: json-file keeps
// max-file files of max-size each, and no trace of what was in older ones. It is seen by the rate of what is left: in
// the time from the start to the first line kept, it would have filled a file.
func (e *Evidence) noteRotation() {
	if e.Spec == nil || e.Status == nil || e.Spec.LogDriver != "json-file" {
		return
	}
	size := humanSize(e.Spec.LogOptions["max-size"])
	files, err := strconv.Atoi(e.Spec.LogOptions["max-file"])
	if err != nil {
		files = 1 // the driver's own default
	}
	kept := keptLog(e.Logs)
	if size == 0 || files < 1 || kept.stored < full*float64(size)*float64(files-1) ||
		kept.lostSince(e.Status.StartedAt) < full*float64(size) {
		return
	}
	for i := range e.Sources {
		if s := &e.Sources[i]; s.Name == fact.SourceLogs && s.Status == fact.StatusCollected {
			s.Status = fact.StatusTruncated
			s.Detail += fmt.Sprintf("; its beginning has most likely been rotated away: json-file keeps %d × %s",
				files, e.Spec.LogOptions["max-size"])
			s.Command = "docker run --log-opt max-size=10m --log-opt max-file=3 …"
		}
	}
}

// full is the share of a file from which on it counts as full: how long a line is in its file is only estimated.
const full = 0.8

// jsonBytes is by how much a line is longer in json-file's record of it than in the bundle.
const jsonBytes = 35

// kept is what a log's driver has left of it.
type kept struct {
	stored      float64 // bytes in the driver's files, estimated
	first, last time.Time
}

func keptLog(text []byte) kept {
	k := kept{stored: float64(len(text) + jsonBytes*bytes.Count(text, []byte("\n")))}
	stamp := func(line []byte) time.Time {
		word, _, _ := bytes.Cut(line[:min(len(line), len(time.RFC3339Nano)+1)], []byte(" "))
		at, _ := time.Parse(time.RFC3339Nano, string(word))
		return at
	}
	text = bytes.TrimRight(text, "\n")
	k.first, k.last = stamp(text), stamp(text[bytes.LastIndexByte(text, '\n')+1:])
	return k
}

// lostSince estimates how many bytes came before the first line that is left.
func (k kept) lostSince(start time.Time) float64 {
	took := k.last.Sub(k.first)
	if start.IsZero() || k.first.IsZero() || took <= 0 || !k.first.After(start) {
		return 0
	}
	return k.stored / took.Seconds() * k.first.Sub(start).Seconds()
}

// humanSize reads what docker takes for a size, decimal: "10m"; 0 = none, or not understood.
func humanSize(text string) int64 {
	text = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(text)), "b")
	factor := 1.0
	for i, unit := range []string{"k", "m", "g"} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			text, factor = number, math.Pow(1000, float64(i+1))
		}
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n <= 0 || n > 1e12 {
		return 0
	}
	return int64(n * factor)
}
