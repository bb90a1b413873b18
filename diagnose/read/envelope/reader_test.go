package envelope_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/envelopetest"
)

// read returns every message of a log.
func read(t *testing.T, log []byte) (list []envelope.Message, r *envelope.Reader) {
	t.Helper()
	r = envelope.NewReader(bytes.NewReader(log), envelope.Options{})
	for {
		var m envelope.Message
		err := r.Next(&m)
		if errors.Is(err, io.EOF) {
			return list, r
		}
		if err != nil {
			t.Fatal(err)
		}
		m.Text = bytes.Clone(m.Text)
		m.Service = m.AppendSource(nil)
		m.Pod, m.Container = nil, nil
		list = append(list, m)
	}
}

var began = time.Date(2026, 11, 23, 9, 6, 15, 0, time.UTC)

func logOf(text string) (log []envelopetest.Entry) {
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		log = append(log, envelopetest.Entry{At: began.Add(time.Duration(i) * 250 * time.Millisecond), Text: line})
	}
	return log
}

var failures = map[string]string{
	"gunicorn": `[2026-11-23 09:06:10 +0000] [1] [INFO] Starting gunicorn 23.0.0
[2026-11-23 09:06:15 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:7)
[2026-11-23 09:06:16 +0000] [1] [ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?
`,
	"uvicorn": `INFO:     Started server process [1]
INFO:     Waiting for application startup.
ERROR:    Traceback (most recent call last):
  File "/usr/lib/python3/site-packages/starlette/routing.py", line 677, in lifespan
    async with self.lifespan_context(app) as maybe_state:
  File "/srv/main.py", line 9, in boot
    raise RuntimeError("no database")
RuntimeError: no database

ERROR:    Application startup failed. Exiting.
`,
	"faulthandler": `INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)
Fatal Python error: Segmentation fault

Current thread 0x00007f8f1ac6f040 (most recent call first):
  File "<string>", line 1 in <module>
`,
	"import": `Traceback (most recent call last):
  File "/usr/local/bin/uvicorn", line 8, in <module>
    sys.exit(main())
  File "/srv/main.py", line 3, in <module>
    import nothere
ModuleNotFoundError: No module named 'nothere'
`,
}

// TestFramings: whatever frames a log, its messages come out as they went in.
func TestFramings(t *testing.T) {
	right, all := 0, 0
	for _, f := range envelopetest.All() {
		for name, text := range failures {
			all++
			if why := misread(t, f, logOf(text)); why != "" {
				t.Logf("%s in %q: %s", name, f.Name, why)
				continue
			}
			right++
		}
	}
	t.Logf("%d of %d", right, all)
	if 100*right < 97*all {
		t.Errorf("%d of %d framed logs read right, want 97 in 100", right, all)
	}
}

func misread(t *testing.T, f envelopetest.Framing, log []envelopetest.Entry) string {
	t.Helper()
	framed := f.Frame(log)
	got, _ := read(t, framed)
	texts := 0
	for _, m := range got {
		if len(bytes.TrimSpace(m.Text)) == 0 {
			continue
		}
		for texts < len(log) && strings.TrimSpace(log[texts].Text) == "" {
			texts++
		}
		if texts == len(log) {
			return "a line too many: " + string(m.Text)
		}
		want := log[texts]
		texts++
		text := string(m.Text)
		if f.Lossy {
			text, want.Text = strings.TrimSpace(text), strings.TrimSpace(want.Text)
		}
		if text != want.Text {
			return "message " + text + "\nwant " + want.Text
		}
		if f.Service != "" && !strings.Contains(string(m.Service), f.Service) {
			return "service " + string(m.Service) + " of " + text
		}
		if f.Timed && (!m.Stamp.Known || m.Stamp.Time().Sub(want.At).Abs() >= time.Second) {
			return "time " + m.Stamp.Time().String() + " of " + text
		}
	}
	if texts < len(log) {
		return "lines are missing from " + log[texts].Text
	}
	return ""
}
