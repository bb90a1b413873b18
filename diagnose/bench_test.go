package diagnose

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/cause"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// BenchmarkDiagnose16MiB is the pure side on a log of the default budget: access
// lines, and a traceback every thousand lines.
func BenchmarkDiagnose16MiB(b *testing.B) {
	incident := bundle.New("bench", bundle.Target{ID: "a", Name: "a"}, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	from := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	to := from.Add(time.Hour)
	incident.Put(bundle.FileInspect, []byte(`{"Id":"a","Name":"/a","Path":"uvicorn","State":{"Status":"exited","ExitCode":137,
	  "StartedAt":"2026-11-23T10:00:00Z","FinishedAt":"2026-11-23T11:00:00Z"},"HostConfig":{},"Config":{}}`))
	incident.Put(bundle.FileLogs, accessLog(from, 16<<20))
	for _, name := range []string{fact.SourceInspect, fact.SourceLogs} {
		incident.SetSource(bundle.Source{Name: name, Status: fact.StatusCollected, From: &from, To: &to})
	}
	b.SetBytes(16 << 20)
	b.ReportAllocs()
	for b.Loop() {
		if d := Diagnose(incident); len(d.Causes) != len(cause.All()) {
			b.Fatal("no diagnosis")
		}
	}
}

func accessLog(from time.Time, size int) []byte {
	var w bytes.Buffer
	for i := 0; w.Len() < size; i++ {
		at := from.Add(time.Duration(i) * 20 * time.Millisecond).Format(time.RFC3339Nano)
		fmt.Fprintf(&w, "%s stdout F INFO:     172.18.0.%d:%d - \"GET /orders/%d HTTP/1.1\" 200 OK\n", at, i%250,
			1024+i%60000, i)
		if i%1000 == 999 {
			for _, line := range []string{"ERROR:    Exception in ASGI application", "Traceback (most recent call last):",
				`  File "/srv/app.py", line 7, in order`, "    raise KeyError(key)", "KeyError: 'price'"} {
				fmt.Fprintf(&w, "%s stderr F %s\n", at, line)
			}
		}
	}
	return w.Bytes()
}
