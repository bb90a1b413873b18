package collect

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

func openLogs(t *testing.T, o Options, follow bool) *LogStream {
	t.Helper()
	stream, err := Logs(t.Context(), o, follow)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stream.Close() })
	return stream
}

// TestLogStream: the log comes in CRI form, and the redactor knows what inspect held.
func TestLogStream(t *testing.T) {
	f := enginetest.New(t)
	secret := strings.Replace(enginetest.InspectBody, `"Config":{`, `"Config":{"Env":["REDIS_PASSWORD=S3cr3tPass99x"],`, 1)
	f.Route("/containers/web/json", enginetest.Body(secret))
	sent := enginetest.Frame(2, "2026-11-23T20:05:38.700000000Z dying of S3cr3tPass99x\n")
	f.Route("/containers/"+enginetest.WebID+"/logs", enginetest.Body(sent))
	const want = "2026-11-23T20:05:38.700000000Z stderr F dying of S3cr3tPass99x\n"
	stream := openLogs(t, optionsOf(t, f), false)
	got, err := io.ReadAll(stream)
	if err != nil || string(got) != want {
		t.Errorf("%v, %q", err, got)
	}
	if text := stream.Redactor.Text("dying of S3cr3tPass99x"); strings.Contains(text, "S3cr3t") {
		t.Errorf("a password of the environment survives: %q", text)
	}
	if inspect, _ := stream.Facts.File(bundle.FileInspect); strings.Contains(string(inspect), "S3cr3t") {
		t.Error("the facts are not redacted")
	}
	asked := strings.Join(f.Requests(), "\n")
	if !strings.Contains(asked, "tail=2000") || !strings.Contains(asked, "follow=0") {
		t.Errorf("asked for\n%s", asked)
	}
}

func TestLogStreamRefused(t *testing.T) {
	f := enginetest.New(t)
	f.Route("/containers/"+enginetest.WebID+"/logs", enginetest.Refuse(501,
		"configured logging driver does not support reading"))
	_, err := Logs(t.Context(), optionsOf(t, f), false)
	var none *NoLogError
	if !errors.As(err, &none) || none.Name != "web" || none.Command == "" {
		t.Errorf("error %v, want a NoLogError that names web and a command", err)
	}
	f.Route("/containers/"+enginetest.WebID+"/logs", enginetest.Refuse(500, "no such file"))
	if _, err := Logs(t.Context(), optionsOf(t, f), false); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("error %v", err)
	}
}

// TestLogStreamFallsSilent: a log that does not come ends after Options.Timeout, unless it is followed.
func TestLogStreamFallsSilent(t *testing.T) {
	f := enginetest.New(t)
	f.Route("/containers/"+enginetest.WebID+"/logs", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, enginetest.Frame(1, "2026-11-23T20:05:38.700000000Z a\n"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	o := optionsOf(t, f)
	o.Timeout = 300 * time.Millisecond
	short := openLogs(t, o, false)
	got, err := io.ReadAll(short)
	if err != nil || !short.Truncated || !strings.Contains(short.Detail, "newest lines may be missing") ||
		!strings.Contains(string(got), " a\n") {
		t.Errorf("%v, %q, truncated %t: %s", err, got, short.Truncated, short.Detail)
	}
	stream := openLogs(t, o, true)
	go func() {
		time.Sleep(600 * time.Millisecond)
		stream.Close()
	}()
	start := time.Now()
	if _, err := io.ReadAll(stream); err == nil || time.Since(start) < 500*time.Millisecond {
		t.Errorf("a followed stream ended after %s with %v, want it to wait until it is closed", time.Since(start), err)
	}
}

// TestLogStreamIsCapped: --log-bytes holds for the command, too.
func TestLogStreamIsCapped(t *testing.T) {
	f := enginetest.New(t)
	f.Route("/containers/"+enginetest.WebID+"/logs", enginetest.Body(strings.Repeat(enginetest.Frame(1,
		"2026-11-23T20:05:38.700000000Z "+strings.Repeat("a", 100)+"\n"), 3000)))
	o := optionsOf(t, f)
	o.LogBytes = 10_000
	stream := openLogs(t, o, false)
	got, err := io.ReadAll(stream)
	if err != nil || len(got) > 10_000 || len(got) < 5_000 || !stream.Truncated {
		t.Errorf("%v, %d bytes, truncated %t", err, len(got), stream.Truncated)
	}
}

// TestNeighbourLogs: of a backend among the neighbours the newest lines are kept, and its secrets are masked.
func TestNeighbourLogs(t *testing.T) {
	f := enginetest.New(t)
	f.Route("/containers/"+enginetest.DBID+"/logs", enginetest.Body(enginetest.Frame(2,
		"2026-11-23T20:05:00.700000000Z FATAL:  sorry, too many clients already password=S3cr3tPass99x\n")))
	b := collectWeb(t, optionsOf(t, f))
	wantStatus(t, b, "neighbours", fact.StatusCollected, "the logs of 1 of them")
	got := text(t, b, bundle.NeighbourLog(enginetest.DBID))
	if !strings.HasPrefix(got, "2026-11-23T20:05:00.700000000Z stderr F FATAL:  sorry") ||
		strings.Contains(got, "S3cr3t") {
		t.Errorf("the log is %q", got)
	}
	f.Route("/containers/"+enginetest.DBID+"/logs", enginetest.Refuse(500, "broken"))
	b = collectWeb(t, optionsOf(t, f))
	wantStatus(t, b, "neighbours", fact.StatusCollected, "1 logs could not be read")
}
