package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

func TestSize(t *testing.T) {
	for text, want := range map[string]int64{
		"1": 1, "64k": 64 << 10, "64KiB": 64 << 10, "16MiB": 16 << 20, "16 mb": 16 << 20, "60m": 60 << 20,
		"1048576": 1 << 20, "7b": 7,
		"": -1, "k": -1, "0": -1, "-1": -1, "1.5m": 1572864, "1g": -1, "61m": -1, "1073741825": -1,
		"99999999999999999999": -1, "9999999999g": -1, "1 parsec": -1, "1m1": -1,
	} {
		var s size
		err := s.Set(text)
		if (err != nil) != (want == -1) || err == nil && int64(s) != want {
			t.Errorf("size %q = %d, %v; want %d", text, s, err, want)
		}
	}
	for want, s := range map[string]size{"16MiB": 16 << 20, "1000": 1000} {
		if s.String() != want {
			t.Errorf("%d is shown as %q, want %q", int64(s), s.String(), want)
		}
	}
}

// TestFlagsReachTheCollector: what is asked on the command line is what is collected.
func TestFlagsReachTheCollector(t *testing.T) {
	w := shop(t)
	w.gwdoctor("diagnose", "--all", "-H", "ssh://a", "--timeout", "7s", "--log-bytes", "64k")
	o := w.engine.asked[0]
	if o.Host != "ssh://a" || o.Timeout.Seconds() != 7 || o.LogBytes != 64<<10 || !o.Now().Equal(now) {
		t.Errorf("collected with %+v", o)
	}
}

// TestNoRedactReachesTheCollectorAndWarns: secrets stay only where somebody asked
// for it, and then it is said.
func TestNoRedactReachesTheCollectorAndWarns(t *testing.T) {
	w := shop(t)
	w.gwdoctor("diagnose", "--all")
	if w.engine.asked[0].NoRedact || strings.Contains(w.err.String(), "warning") {
		t.Errorf("without the flag: NoRedact %v, standard error %q", w.engine.asked[0].NoRedact, w.err.String())
	}
	w.gwdoctor("diagnose", "--all", "--no-redact")
	if !w.engine.asked[1].NoRedact {
		t.Error("--no-redact does not reach the collector")
	}
	contains(t, "standard error", w.err.String(), "warning: --no-redact")
	if strings.Contains(w.out.String(), "warning") {
		t.Error("the warning is on standard output")
	}
}

func TestRedactorOfTheCommands(t *testing.T) {
	const line = "connect redis://:cnry20@redis:6379/0"
	if got := (&app{}).redactor().Text(line); strings.Contains(got, "cnry20") {
		t.Errorf("by default: %q", got)
	}
	if got := (&app{noRedact: true}).redactor().Text(line); got != line {
		t.Errorf("with --no-redact: %q", got)
	}
}

// TestStandardErrorIsRedacted: what an error quotes loses its secrets, also where docker
// runs the program, and keeps them with --no-redact.
func TestStandardErrorIsRedacted(t *testing.T) {
	for _, args := range [][]string{
		{"diagnose", "--bundle", "/missing/redis://:cnry20@redis:6379/0"},
		{"diagnose", "redis://:cnry20@redis:6379/0"},
		{"health", "amqp+x://guest:cnry20@mq/"},
		{"cores", "./core?token=cnry20abcd1234"},
		{"--host", "tcp://u:cnry20@10.0.0.1:x", "diagnose", "gateway", "--timeout", "cnry"},
	} {
		w := shop(t)
		w.gwdoctor(args...)
		if out := w.err.String(); out == "" || strings.Contains(out, "cnry20") {
			t.Errorf("%q: standard error says %q", args, out)
		}
	}
	w := shop(t)
	w.gwdoctor("diagnose", "--no-redact", "--bundle", "/missing/redis://:cnry20@redis:6379/0")
	contains(t, "standard error with --no-redact", w.err.String(), "cnry20")
}

// TestForeignBundleIsRedacted: a bundle that somebody recorded without redaction
// is shown with it.
func TestForeignBundleIsRedacted(t *testing.T) {
	b := deadContainer(t, "gateway", 1, false)
	b.Put(bundle.FileLogs, []byte(now.Add(-6*time.Minute).Format(time.RFC3339Nano)+
		" stderr F login failed: password=cnry01\n"))
	b.SetSource(bundle.Source{Name: fact.SourceLogs, Status: fact.StatusCollected, Files: []string{bundle.FileLogs}})
	path := filepath.Join(t.TempDir(), "incident")
	must(t, b.WriteDir(path))
	w := shop(t)
	w.gwdoctor("diagnose", "--bundle", path, "-v")
	if out := w.out.String(); strings.Contains(out, "cnry01") || !strings.Contains(out, "login failed") {
		t.Errorf("by default:\n%s", out)
	}
	w.gwdoctor("diagnose", "--bundle", path, "-v", "--no-redact")
	contains(t, "with --no-redact", w.out.String(), "cnry01")
}
