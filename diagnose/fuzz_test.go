package diagnose

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// FuzzDiagnose feeds hostile files to the whole pure side: it must not panic, its
// probabilities must sum to one and its result must encode.
func FuzzDiagnose(f *testing.F) {
	for _, name := range []string{"oom-then-manual-start", "health-timeout", "label-shadow"} {
		data, err := os.ReadFile("../fixtures/records/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		var r record
		if err := json.Unmarshal(data, &r); err != nil {
			f.Fatal(err)
		}
		events, _ := json.Marshal(r.Events)
		f.Add([]byte(r.Inspect["final"]), events, []byte("2026-11-23T08:48:26Z stderr F Traceback (most recent call last):\n"), []byte("3,1,1000,-;Killed process 1 (x) total-vm:1kB, anon-rss:1kB, file-rss:0kB\n"))
	}
	f.Fuzz(func(t *testing.T, inspect, events, logs, kmsg []byte) {
		now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		from := now.Add(-24 * time.Hour)
		b := bundle.New("fuzz", bundle.Target{ID: "x", Name: "x"}, now)
		for name, data := range map[string][]byte{bundle.FileInspect: inspect, bundle.FileEvents: events, bundle.FileLogs: logs, bundle.FileKmsg: kmsg} {
			b.Put(name, data)
		}
		for _, name := range []string{bundle.SourceInspect, bundle.SourceEvents, bundle.SourceLogs, bundle.SourceKernelLog, bundle.SourceCgroup} {
			b.SetSource(bundle.Source{Name: name, Status: bundle.StatusCollected, From: &from, To: &now})
		}
		d := Diagnose(b)
		if _, err := json.Marshal(d); err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, c := range d.Causes {
			sum += c.Confidence
		}
		for _, a := range d.Alternatives {
			sum += a.Confidence
		}
		if sum < 0.999 || sum > 1.001 {
			t.Fatalf("confidences sum to %v", sum)
		}
	})
}
