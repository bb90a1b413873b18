package servicelog

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// threadEnd is what CPython 3.11 prints line by line as a thread ends by an exception.
func threadEnd(thread string, frames []string, exception string) []string {
	lines := []string{"Exception in thread " + thread + ":", "Traceback (most recent call last):"}
	for _, f := range append([]string{`"/usr/lib/python3.11/threading.py", line 1038, in _bootstrap_inner`,
		`"/usr/lib/python3.11/threading.py", line 975, in run`}, frames...) {
		lines = append(lines, "  File "+f, "    self.handle(record)")
	}
	return append(lines, exception)
}

var (
	listenerEnd = threadEnd("Thread-1 (_monitor)", []string{
		`"/usr/lib/python3.11/logging/handlers.py", line 1574, in _monitor`,
		`"/usr/lib/python3.11/logging/handlers.py", line 1555, in handle`,
		`"/srv/gateway/faults/logfail.py", line 29, in emit`,
		`"/usr/lib/python3.11/json/encoder.py", line 180, in default`,
	}, "TypeError: Object of type bytes is not JSON serializable")
	refresherEnd = threadEnd("price-refresher", []string{
		`"/srv/gateway/faults/background.py", line 33, in refresh_prices`}, "KeyError: 'price'")
)

// mixed has so many writers print the same at once, each line whole, in an order drawn with the seed.
func mixed(lines []string, writers int, seed uint64) string {
	draw := rand.New(rand.NewPCG(seed, 12))
	next := make([]int, writers)
	var out []string
	for left := writers * len(lines); left > 0; left-- {
		w := draw.IntN(writers)
		for next[w] == len(lines) {
			w = (w + 1) % writers
		}
		out = append(out, "7 "+lines[next[w]])
		next[w]++
	}
	return cri(out...)
}

// TestTornThreads: workers whose threads die together print into each other. What ended is told all the same.
func TestTornThreads(t *testing.T) {
	for _, tt := range []struct {
		name  string
		lines []string
		want  string
		never string
	}{
		{"the thread behind the log queue", listenerEnd, "logging-thread-dead", "thread-exception"},
		{"a thread of the program", refresherEnd, "thread-exception", "logging-thread-dead"},
	} {
		for seed := range uint64(300) {
			writers := 2 + int(seed%2)
			log := mixed(tt.lines, writers, seed)
			count := 0
			for _, f := range scan(t, log).Runs[0].Findings {
				if f.ID == tt.want {
					count += f.Count
				}
				if f.ID == tt.never {
					t.Fatalf("%s, seed %d: %s in\n%s", tt.name, seed, f.ID, log)
				}
			}
			if count != writers {
				t.Fatalf("%s, seed %d: %d of %d ended\n%s", tt.name, seed, count, writers, log)
			}
		}
	}
}

// TestTornThreadAlone: what was cut off stays what it was announced as, whatever traceback stands far from it.
func TestTornThreadAlone(t *testing.T) {
	announced := "Exception in thread Thread-1 (_monitor):\nINFO:     other\n"
	far := strings.Repeat("INFO:     127.0.0.1:4711 - \"GET / HTTP/1.1\" 200 OK\n", tornReach+1)
	log := announced + far + strings.Join(listenerEnd[1:], "\n")
	if f := only(t, scan(t, log), "thread-exception"); f.Exception != nil {
		t.Errorf("took %v of a traceback that stands far away", f.Exception)
	}
}
