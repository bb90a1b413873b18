package envelope_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/envelopetest"
)

// textsOf are the messages of a log.
func textsOf(t *testing.T, log string) (list []string) {
	t.Helper()
	got, _ := read(t, []byte(log))
	for _, m := range got {
		list = append(list, string(m.Text))
	}
	return list
}

// TestEveryLineAnothersTools: where each line claims another tool's envelope, each is taken for what it claims.
func TestEveryLineAnothersTools(t *testing.T) {
	byLine := map[string]bool{"docker logs -t": true, "compose v2": true, "compose v2 -t": true, "swarm": true,
		"kubectl --prefix": true, "CRI": true, "json-file": true,
		"Heroku": true, "Ray": true, "journalctl": true, "journalctl -o short-iso": true,
		"journalctl -o short-full": true, "journalctl -o json": true, "RFC 5424": true, "RFC 3164": true,
		"BusyBox": true, "OpenWrt": true, "logcli": true, "aws logs tail": true, "Fluent Bit": true, "Filebeat": true,
		"logfmt": true}
	var log bytes.Buffer
	var want []string
	for round := range 20 {
		for _, f := range envelopetest.All() {
			if byLine[f.Name] {
				text := fmt.Sprintf("ERROR:    failure %d of %s", round, f.Name)
				log.Write(f.Frame(logOf(text)))
				want = append(want, text)
			}
		}
	}
	if got := textsOf(t, log.String()); !slices.Equal(got, want) {
		for i := range want {
			if i >= len(got) || got[i] != want[i] {
				t.Fatalf("line %d: %q, want %q", i+1, got[min(i, len(got)-1)], want[i])
			}
		}
	}
}

// TestFiftyDeep: envelopes deeper than any tool makes them stay part of the message, and the outermost names the
// service.
func TestFiftyDeep(t *testing.T) {
	for _, wrap := range []string{"gateway-1  | ", "[pod/a/b] ", "Nov 23 09:06:15 host app[7]: ", "<3>", "> ",
		"2026-11-23T09:06:15.123456789Z stdout F "} {
		log := strings.Repeat(wrap, 50) + "the end\n"
		got, _ := read(t, []byte(strings.Repeat(log, 5)))
		if len(got) != 5 {
			t.Fatalf("%q: %d messages of 5 lines", wrap, len(got))
		}
		for _, m := range got {
			if !strings.HasSuffix(string(m.Text), "the end") || m.Depth > 8 || len(m.Text) < 30*len(wrap) {
				t.Errorf("%q: depth %d, %d bytes left", wrap, m.Depth, len(m.Text))
			}
		}
	}
	quoted := `"the end"`
	for range 8 {
		quoted = fmt.Sprintf(`{"message":%q}`, quoted)
	}
	if got := textsOf(t, quoted+"\n"); len(got) != 1 || !strings.Contains(got[0], "the end") {
		t.Errorf("JSON in JSON: %q", got)
	}
}

// pattern yields head, then as many times body, then tail.
type pattern struct {
	head, body, tail string
	times            int
	rest             []byte
	state            int
}

func (p *pattern) Read(b []byte) (n int, err error) {
	for n < len(b) {
		if len(p.rest) == 0 {
			switch {
			case p.state == 0:
				p.rest, p.state = []byte(p.head), 1
			case p.times > 0:
				k := min(p.times, max(1, 4096/len(p.body)))
				p.rest, p.times = bytes.Repeat([]byte(p.body), k), p.times-k
			case p.state == 1:
				p.rest, p.state = []byte(p.tail), 2
			default:
				return n, io.EOF
			}
			continue
		}
		k := copy(b[n:], p.rest)
		p.rest = p.rest[k:]
		n += k
	}
	return n, nil
}

// TestHugeJSON: whatever the size of a document or of a text in it, memory is bounded.
func TestHugeJSON(t *testing.T) {
	size, text := 128<<20, 1<<30
	if testing.Short() {
		size, text = 32<<20, 64<<20
	}
	record := `{"timestamp":1764580000000,"message":"[2026-11-23 09:06:15 +0000] [1] [INFO] Handling request","ingestionTime":1}, `
	pair := `["1764580000000000000","INFO:     ready"],`
	for _, c := range []struct {
		name string
		in   *pattern
		want int // messages
	}{
		{"one text", &pattern{head: "{\n  \"events\": [\n    {\n      \"message\": \"", body: "xxxxxxxxxxxxxxxx",
			times: text / 16, tail: "\"\n    }\n  ]\n}\n"}, 1},
		{"one line of records", &pattern{head: `{"events":[`, body: record, times: size / len(record) / 4,
			tail: `{"message":"end"}],"x":1}` + "\n"}, size/len(record)/4 + 1},
		{"one stream of Loki's", &pattern{head: `{"data":{"result":[{"stream":{"container":"gateway"},"values":[`,
			body: pair, times: size / len(pair) / 8, tail: `["1","end"]]}]}}` + "\n"}, size/len(pair)/8 + 1},
		{"one line of text", &pattern{body: "xxxxxxxxxxxxxxxx", times: size / 16, tail: "\n"}, 1},
		{"brackets alone", &pattern{head: "{\"a\":\n", body: "[[[[[[[[[[[[[[[[", times: size / 64, tail: "\n"}, -1},
		{"members alone", &pattern{head: "{\n", body: `"a":"bbbbbbbb", `, times: size / 64, tail: "}\n"}, -1},
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		r := envelope.NewReader(c.in, envelope.Options{})
		var m envelope.Message
		messages, peak := 0, uint64(0)
		for {
			err := r.Next(&m)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if messages++; messages%(1<<16) == 1 {
				runtime.ReadMemStats(&after)
				peak = max(peak, after.HeapInuse-min(before.HeapInuse, after.HeapInuse))
			}
		}
		runtime.ReadMemStats(&after)
		peak = max(peak, after.HeapInuse-min(before.HeapInuse, after.HeapInuse))
		if c.want >= 0 && messages != c.want {
			t.Errorf("%s: %d messages, want %d", c.name, messages, c.want)
		}
		if peak > 32<<20 {
			t.Errorf("%s: %d MiB in use", c.name, peak>>20)
		}
	}
}

// TestEnvelopeChanges: a file may change its form at any line.
func TestEnvelopeChanges(t *testing.T) {
	lines := "INFO:     Started server process [1]\nTraceback (most recent call last):\n  File \"x.py\", line 1, in " +
		"f\nValueError: x\nERROR:    Application startup failed. Exiting.\n"
	all := envelopetest.All()
	frame := func(name string) []byte {
		i := slices.IndexFunc(all, func(f envelopetest.Framing) bool { return f.Name == name })
		return all[i].Frame(logOf(lines))
	}
	var log bytes.Buffer
	want := strings.Split(strings.TrimSuffix(lines, "\n"), "\n")
	var all5 []string
	for _, name := range []string{"compose v2", "journalctl", "plain", "CloudWatch get-log-events", "kubectl --prefix",
		"journalctl -o json-pretty", "CRI"} {
		log.Write(frame(name))
		all5 = append(all5, want...)
	}
	if got := textsOf(t, log.String()); !slices.Equal(got, all5) {
		t.Errorf("got %q", got)
	}
}

// TestUnknownFormComesLate: a form that only learning can tell is learned where it begins, too, and a traceback in a
// log that is read in small pieces keeps its indentation.
func TestUnknownFormComesLate(t *testing.T) {
	var log bytes.Buffer
	var want []string
	for i := range 3000 {
		want = append(want, fmt.Sprintf("INFO:     10.0.0.1:%d - \"GET /x HTTP/1.1\" 200 OK", i))
		log.WriteString(want[i] + "\n")
	}
	late := 0
	for i := range 300 {
		text := fmt.Sprintf("ERROR:    failure %d", i)
		want = append(want, text)
		log.WriteString("prod/gateway >>> " + text + "\n")
	}
	got := textsOf(t, log.String())
	for i := range want {
		if got[i] != want[i] {
			late++
		}
	}
	if len(got) != len(want) || late > 16 {
		t.Errorf("%d messages of %d; %d are not what they were", len(got), len(want), late)
	}
	trace := []string{"INFO:     ready", "Traceback (most recent call last):", `  File "x.py", line 1, in f`,
		"    g()", `  File "x.py", line 2, in g`, "    h()", "ValueError: x"}
	r := envelope.NewReader(&pausing{lines: strings.SplitAfter(strings.Join(trace, "\n")+"\n", "\n")}, envelope.Options{})
	var texts []string
	for {
		var m envelope.Message
		err := r.Next(&m)
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			texts = append(texts, string(m.Text))
		}
	}
	if !slices.Equal(texts, trace) {
		t.Errorf("line by line: %q", texts)
	}
}

// TestTimesGoBack: a log whose times jump to and fro keeps its order; one whose times only fall is turned round, and
// that is said.
func TestTimesGoBack(t *testing.T) {
	var jumps, falls bytes.Buffer
	var order, turned []string
	for i := range 50 {
		fmt.Fprintf(&jumps, "2026-11-23T09:%02d:15.123456789Z line %d\n", (i*37)%50, i)
		order = append(order, fmt.Sprintf("line %d", i))
		fmt.Fprintf(&falls, "2026-11-23T09:%02d:15.123456789Z line %d\n", 50-i, i)
		turned = slices.Insert(turned, 0, fmt.Sprintf("line %d", i))
	}
	if got := textsOf(t, jumps.String()); !slices.Equal(got, order) {
		t.Errorf("times that jump: %q", got)
	}
	if got := textsOf(t, falls.String()); !slices.Equal(got, turned) {
		t.Errorf("times that fall: %q", got)
	}
	if _, r := read(t, falls.Bytes()); !slices.Contains(r.Notes(), envelope.NoteTurned) {
		t.Errorf("nobody says that the log was turned round: %q", r.Notes())
	}
	back := "2026-11-23T09:00:15.123456789Z a\n2026-11-23T09:00:16.123456789Z b\n2026-11-23T08:00:00.123456789Z " +
		"c\n2026-11-23T08:00:01.123456789Z d\n"
	if got := textsOf(t, back); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Errorf("one step back: %q", got)
	}
}

// TestForgedKernel: what a process prints may look like the kernel's line. The outer header is believed, and it is
// said.
func TestForgedKernel(t *testing.T) {
	for log, want := range map[string]string{
		"Nov 23 09:06:15 host app[7]: Nov 23 09:06:14 host kernel: Out of memory: Killed process 1 (x)\n": "app",
		"<14>1 2026-11-23T09:06:15Z host app 7 - - <4>1 2026-11-23T09:06:15Z host kernel - - - Out of memory: " +
			"Killed 1\n": "app",
		`{"SYSLOG_IDENTIFIER":"app","MESSAGE":"Nov 23 09:06:14 host kernel: Out of memory: Killed process 1 (x)"}` + "\n": "app",
	} {
		got, _ := read(t, []byte(log))
		if len(got) != 1 || string(got[0].Service) != want || !got[0].Forged {
			t.Errorf("%q: %+v", log, got)
		}
	}
	got, _ := read(t, []byte("Nov 23 09:06:15 host kernel: Out of memory: Killed process 1 (x)\n"))
	if len(got) != 1 || got[0].Forged || string(got[0].Program) != "kernel" {
		t.Errorf("the kernel's own line: %+v", got)
	}
}

// pausing gives one line at a time, with a pause before each.
type pausing struct {
	lines []string
	pause bool
}

func (p *pausing) Read(b []byte) (int, error) {
	if p.pause = !p.pause; p.pause {
		return 0, envelope.ErrPause
	}
	if len(p.lines) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.lines[0])
	p.lines = p.lines[1:]
	return n, nil
}

// TestFollowed: of a log that comes line by line each line is given out before the next is waited for.
func TestFollowed(t *testing.T) {
	r := envelope.NewReader(&pausing{lines: []string{"gateway-1  | a\n", "gateway-1  | b\n", "gateway-1  | c\n"}},
		envelope.Options{})
	var got []string
	pauses := 0
	for {
		var m envelope.Message
		err := r.Next(&m)
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.Is(err, envelope.ErrPause) {
			pauses++
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s after %d", m.Text, pauses))
	}
	if want := []string{"a after 0", "b after 1", "c after 2"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestFolded: lines that a terminal broke are joined, and long lines that it did not break stay apart.
func TestFolded(t *testing.T) {
	long := []string{"[2026-11-23 09:06:16 +0000] [1] [ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?",
		"[2026-11-23 09:06:17 +0000] [1] [INFO] ok",
		"[2026-11-23 09:06:18 +0000] [1] [ERROR] Worker (pid:8) was sent SIGKILL! Perhaps out of memory?",
		"[2026-11-23 09:06:19 +0000] [1] [INFO] end"}
	var fold bytes.Buffer
	for _, l := range long {
		for ; len(l) > 80; l = l[80:] {
			fold.WriteString(l[:80] + "\n")
		}
		fold.WriteString(l + "\n")
	}
	got, r := read(t, fold.Bytes())
	var texts []string
	for _, m := range got {
		texts = append(texts, string(m.Text))
	}
	if !slices.Equal(texts, long) || !slices.Contains(r.Notes(), envelope.NoteFolded) {
		t.Errorf("%q, notes %q", texts, r.Notes())
	}
	whole := strings.Join(long, "\n") + "\nsome output of its own\n"
	if got := textsOf(t, whole); len(got) != len(long)+1 {
		t.Errorf("lines that were not folded: %q", got)
	}
}

// TestRecordOfSeveralLines: what a journal, a shipper or supervisord prints below a record's first line is the
// record's, and comes out as it went in.
func TestRecordOfSeveralLines(t *testing.T) {
	const header = "Nov 23 09:06:15 host gateway[812]: "
	trace := []string{"Traceback (most recent call last):", `  File "/srv/main.py", line 9, in boot`,
		"    raise ValueError(\"x\")", "ValueError: x"}
	for name, log := range map[string]string{
		"journalctl": header + strings.Join(trace, "\n"+strings.Repeat(" ", len(header))) + "\n" + header + "next\n",
		"rsyslog":    header + strings.Join(trace, "#012") + "\n" + header + "next\n",
		"aws logs tail": "2026-11-23T09:06:15.123000+00:00 gateway/gateway/0123456789abcdef " + strings.Join(trace,
			"\n") + "\n2026-11-23T09:06:15.123000+00:00 gateway/gateway/0123456789abcdef next\n",
		"supervisord": "2026-11-23 09:06:15,123 DEBG 'gateway' stderr output:\n" + strings.Join(trace, "\n") + "\nnext\n",
		"JSON": fmt.Sprintf("{\"service\":\"gateway\",\"line\":%q}\n{\"service\":\"gateway\",\"line\":\"next\"}\n",
			strings.Join(trace, "\n")),
	} {
		got, _ := read(t, []byte(log))
		var texts []string
		for _, m := range got {
			if string(m.Service) != "gateway" {
				t.Errorf("%s: %q is of %q", name, m.Text, m.Service)
			}
			if len(m.Text) > 0 {
				texts = append(texts, string(m.Text))
			}
		}
		if want := append(slices.Clone(trace), "next"); !slices.Equal(texts, want) {
			t.Errorf("%s: %q", name, texts)
		}
	}
}

// TestMessagesKeepTheirOwn: what only looks like an envelope stays in the message.
func TestMessagesKeepTheirOwn(t *testing.T) {
	for name, log := range map[string]string{
		"loguru": "2026-11-23 09:06:15.120 | ERROR    | app:f:59 - a\n2026-11-23 09:06:16.120 | INFO     | " +
			"app:f:59 - b\n2026-11-23 09:06:17.120 | INFO     | app:f:59 - c\n",
		"logging": "2026-11-23 09:06:15,120 - uvicorn.error - ERROR - a\n2026-11-23 09:06:16,120 - " +
			"uvicorn.error - ERROR - b\n2026-11-23 09:06:17,120 - uvicorn.error - INFO - c\n",
		"gunicorn": "[2026-11-23 09:06:15 +0000] [1] [ERROR] a\n[2026-11-23 09:06:16 +0000] [1] [ERROR] " +
			"b\n[2026-11-23 09:06:17 +0000] [7] [INFO] c\n",
		"uvicorn": "INFO:     a\nINFO:     b\nERROR:    c\nINFO:     d\n",
		"redis": "18910:M 23 Nov 2026 09:24:49.155 # a\n18910:M 23 Nov 2026 09:24:50.155 * b\n18910:M 23 Nov " +
			"2026 09:24:51.155 * c\n",
		"PostgreSQL": "2026-11-23 09:06:15.123 UTC [1] LOG:  a\n2026-11-23 09:06:16.123 UTC [7] ERROR:  " +
			"b\n2026-11-23 09:06:17.123 UTC [1] LOG:  c\n",
		"RabbitMQ": "2026-11-23 09:25:01.123456+00:00 [error] <0.12.0> a\n2026-11-23 09:25:02.123456+00:00 " +
			"[info] <0.12.0> b\n2026-11-23 09:25:03.123456+00:00 [info] <0.12.0> c\n",
		"nginx": "2026/11/23 13:14:43 [alert] 26#26: a\n2026/11/23 13:14:44 [notice] 26#26: b\n2026/11/23 " +
			"13:14:45 [notice] 26#26: c\n",
		"access lines": "10.0.0.1 - - [23/Nov/2026:09:06:15 +0000] \"GET / HTTP/1.1\" 200 1\n10.0.0.1 - - " +
			"[23/Nov/2026:09:06:16 +0000] \"GET /x HTTP/1.1\" 200 12\n10.0.0.1 - - [23/Nov/2026:09:06:17 +0000] \"GET /y " +
			"HTTP/1.1\" 200 12\n",
		"fastapi-cli": "      INFO   a\n     ERROR   b\n      INFO   c\n",
		"log4j":       "[main] INFO  org.foo - a\n[main] ERROR org.foo - b\n[pool-1] INFO  org.foo - c\n",
		"words": "handled job 1 for acme\nhandled job 2 for acme\nhandled job 3 for acme\nhandled job 4 for " +
			"acme\n",
		"quotations": "user wrote: Application startup failed. Exiting.\nuser wrote: WORKER TIMEOUT (pid:7)\nuser " +
			"wrote: a\nuser wrote: b\n",
		"identical lines": "OSError(24, 'Too many open files')\nOSError(24, 'Too many open files')\nOSError(24, 'Too " +
			"many open files')\nOSError(24, 'Too many open files')\n",
		"a traceback": "Traceback (most recent call last):\n  File \"x.py\", line 1, in f\n    g()\nValueError: x\n",
		"exception group": "  + Exception Group Traceback (most recent call last):\n  |   File \"x\", line 1\n  | " +
			"ExceptionGroup: a\n  +-+---------------- 1 ----------------\n    | ValueError: a\n    " +
			"+------------------------------------\n",
		"a table of psql":   " id | name\n----+------\n  1 | a\n  2 | b\n",
		"a single syslog":   "2026-11-23T09:06:15.120Z worker failed: boom\n",
		"JSON without text": `{"a": 1, "b": [2]}` + "\n" + `{"a": 2, "b": [3]}` + "\n",
		"a shell":           "+ exec uvicorn main:app\nINFO:     ready\n",
		"celery": "[2026-11-23 09:30:53,123: ERROR/MainProcess] a\n[2026-11-23 09:30:54,123: " +
			"INFO/MainProcess] b\n[2026-11-23 09:30:55,123: INFO/MainProcess] c\n",
		"MySQL": "2026-11-23T09:06:15.123456Z 0 [ERROR] [MY-010119] [Server] a\n2026-11-23T09:06:16.123456Z 0 [Note] " +
			"[MY-010119] [Server] b\n2026-11-23T09:06:17.123456Z 0 [Note] [MY-010119] [Server] c\n",
	} {
		want := strings.Split(strings.TrimSuffix(log, "\n"), "\n")
		if got := textsOf(t, log); !slices.Equal(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
