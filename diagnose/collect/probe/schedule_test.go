package probe

import (
	"context"
	"runtime"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// TestOutputBudgetBoundsMemory: what is cut must be let go, too.
func TestOutputBudgetBoundsMemory(t *testing.T) {
	const probes, body = 1000, 64 << 10
	speak := func(context.Context) (r replay.Record) {
		answer{status: 200, body: strings.Repeat("x", body)}.fill(&r)
		return r
	}
	heap := func() int {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	before := heap()
	records, _ := Run(t.Context(), Plan{Count: probes, Parallel: probes}, speak)
	grown := heap() - before
	kept := 0
	for _, r := range records {
		kept += len(r.Output)
	}
	if len(records) != probes || kept > outputBudget+probes*outputShort {
		t.Fatalf("%d records with %d bytes", len(records), kept)
	}
	if grown > 8<<20 {
		t.Errorf("%d bytes are held for %d records with %d bytes of output", grown, len(records), kept)
	}
	runtime.KeepAlive(records)
}
