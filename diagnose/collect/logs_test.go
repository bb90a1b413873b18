package collect

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

func TestLogsSayWhyTheyAreMissing(t *testing.T) {
	f := enginetest.New(t)
	path := "/containers/" + enginetest.WebID + "/logs"
	f.Route(path, enginetest.Refuse(501, "configured logging driver does not support reading"))
	for _, test := range []struct{ config, detail, command string }{
		{`{"Type":"none","Config":{}}`, "thrown away", "--log-driver"},
		{`{"Type":"syslog","Config":{"cache-disabled":"true"}}`, "its cache is off", "cache-disabled=false"},
		{`{"Type":"splunk","Config":{}}`, `"splunk" cannot be read back`, "--log-driver"},
	} {
		_, after, _ := strings.Cut(enginetest.InspectBody, `"LogConfig":`)
		f.Route("/containers/web/json", enginetest.Body(strings.TrimSuffix(enginetest.InspectBody, after)+test.config+"}}"))
		b := collectWeb(t, optionsOf(t, f))
		wantStatus(t, b, "logs", fact.StatusAbsent, test.detail)
		if got := b.Source("logs").Command; !strings.Contains(got, test.command) {
			t.Errorf("%s: command %q", test.config, got)
		}
	}
	f.Route(path, enginetest.Refuse(500, "no such file"))
	wantStatus(t, collectWeb(t, optionsOf(t, f)), "logs", fact.StatusFailed, "engine answered 500: no such file")
}

// The first call measures, the second fetches the budget; when that breaks, the
// newest lines of the first are kept.
func TestLogsAreFetchedInTwoSteps(t *testing.T) {
	const total = 50_000
	line := func(i int) string {
		return enginetest.Frame(1, time.Unix(1795464000+int64(i), 0).UTC().Format("2006-01-02T15:04:05.000000000Z")+
			fmt.Sprintf(" line %05d\n", i))
	}
	broken := 1 << 30 // calls for more than this break off
	serve := func(w http.ResponseWriter, r *http.Request) {
		var tail int
		fmt.Sscan(r.URL.Query().Get("tail"), &tail)
		for i := max(0, total-tail); i < total; i++ {
			if tail > broken && i > max(0, total-tail)+100 {
				panic(http.ErrAbortHandler)
			}
			fmt.Fprint(w, line(i))
		}
	}
	f := enginetest.New(t)
	f.Route("/containers/"+enginetest.WebID+"/logs", serve)
	opts := optionsOf(t, f)
	opts.LogBytes = 1 << 20
	b := collectWeb(t, opts)
	wantStatus(t, b, "logs", fact.StatusTruncated, "older lines were left out")
	got := text(t, b, bundle.FileLogs)
	if len(got) > 1<<20 || len(got) < 1<<20-100 || !strings.HasSuffix(got, "line 49999\n") {
		t.Errorf("%d bytes ending %.20q: the budget should be full of the newest", len(got), got[len(got)-20:])
	}
	if to := b.Source("logs").To; to == nil || to.Unix() != 1795464000+total-1 {
		t.Errorf("to %v", to)
	}
	opts.LogBytes = 8 << 20
	wantStatus(t, collectWeb(t, opts), "logs", fact.StatusCollected, "50000 lines")

	// A line is 51 bytes in CRI form; the second try asks for an eighth of the budget.
	for _, test := range []struct{ breaksAbove, lines int }{{firstTail, firstTail}, {30_000, (8 << 20) / 51 * 6 / 5 / 8}} {
		broken = test.breaksAbove
		b = collectWeb(t, opts)
		wantStatus(t, b, "logs", fact.StatusTruncated, "less than asked for")
		if got := text(t, b, bundle.FileLogs); strings.Count(got, "\n") != test.lines ||
			!strings.HasSuffix(got, "line 49999\n") {
			t.Errorf("%d lines, want the newest %d", strings.Count(got, "\n"), test.lines)
		}
	}
}

func TestTerminalLog(t *testing.T) {
	f := enginetest.New(t)
	f.Route("/containers/"+enginetest.WebID+"/logs", enginetest.Body("2026-11-23T20:05:39.012092871Z "+
		"hi\r\n2026-11-23T20:05:39.021780209Z bye"))
	b := collectWeb(t, optionsOf(t, f))
	if got := text(t, b, bundle.FileLogs); got != "2026-11-23T20:05:39.012092871Z stdout F "+
		"hi\n2026-11-23T20:05:39.021780209Z stdout P bye\n" {
		t.Errorf("%q", got)
	}
}
