package diagnose

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/fixtures/record"
)

// hostileSeeds are the files of three records, with a log and a kernel line.
func hostileSeeds(tb testing.TB) [][][]byte {
	var seeds [][][]byte
	for _, name := range []string{"oom-then-manual-start", "health-timeout", "label-shadow"} {
		r, err := record.Read("../fixtures/records/" + name + ".json")
		if err != nil {
			tb.Fatal(err)
		}
		seeds = append(seeds, [][]byte{r.Inspect["final"], bytes.Join(record.Lines(r.Events), []byte("\n")),
			[]byte("2026-11-23T08:48:26Z stderr F Traceback (most recent call last):\n"),
			[]byte("3,1,1000,-;Killed process 1 (x) total-vm:1kB, anon-rss:1kB, file-rss:0kB\n")})
	}
	return seeds
}

// diagnoseFiles diagnoses inspect, events, log and kernel log as they come: no
// panic, a result that encodes, probabilities that sum to one.
func diagnoseFiles(tb testing.TB, files [][]byte) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	from := now.Add(-24 * time.Hour)
	b := bundle.New("hostile", bundle.Target{ID: "x", Name: "x"}, now)
	for i, name := range []string{bundle.FileInspect, bundle.FileEvents, bundle.FileLogs, bundle.FileKmsg} {
		b.Put(name, files[i])
	}
	for _, name := range []string{fact.SourceInspect, fact.SourceEvents, fact.SourceLogs, fact.SourceKernelLog,
		fact.SourceCgroup} {
		b.SetSource(bundle.Source{Name: name, Status: fact.StatusCollected, From: &from, To: &now})
	}
	d := Diagnose(b)
	if _, err := json.Marshal(d); err != nil {
		tb.Fatal(err)
	}
	sum := 0.0
	for _, c := range d.Causes {
		sum += c.Confidence
	}
	for _, a := range d.Alternatives {
		sum += a.Confidence
	}
	if sum < 0.999 || sum > 1.001 {
		tb.Fatalf("confidences sum to %v for %q", sum, files)
	}
}

// TestMutatedFiles damages each file in a few places, the same way every time.
func TestMutatedFiles(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, seed := range hostileSeeds(t) {
		for range 300 {
			files := make([][]byte, len(seed))
			for i := range seed {
				files[i] = bytes.Clone(seed[i])
				for range random.IntN(4) {
					files[i][random.IntN(len(files[i]))] = byte(random.IntN(256))
				}
			}
			diagnoseFiles(t, files)
		}
	}
}

func FuzzDiagnose(f *testing.F) {
	for _, seed := range hostileSeeds(f) {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, inspect, events, logs, kmsg []byte) {
		diagnoseFiles(t, [][]byte{inspect, events, logs, kmsg})
	})
}
