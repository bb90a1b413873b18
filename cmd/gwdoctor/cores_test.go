package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact"
	"github.com/gwdoctor/gwdoctor/diagnose/collect"
)

// CoreFiles reads real files: no engine is needed for them.
func (f *fakeEngine) CoreFiles(ctx context.Context, o collect.Options, paths []string) *bundle.Bundle {
	return collect.CoreFiles(ctx, o, paths)
}

// InsidePID sees nothing.
func (f *fakeEngine) InsidePID(context.Context, collect.Options, int) *bundle.Bundle {
	return bundle.New("test", bundle.Target{}, now)
}

// HostCores finds nothing.
func (f *fakeEngine) HostCores(context.Context, collect.Options) *bundle.Bundle {
	b := bundle.New("", bundle.Target{}, now)
	b.Put(bundle.FileCores, []byte(`{"cores":[],"places":[{"name":"systemd-coredump","status":"absent","detail":"it is not there"}]}`))
	return b
}

func recordedCore(name string) string {
	return filepath.Join("..", "..", "diagnose", "read", "coredump", "testdata", "cores", name+".core.zst")
}

func TestCoresReadsFiles(t *testing.T) {
	var w world
	if code := w.gwdoctor("cores", recordedCore("segv"), recordedCore("sigbus")); code != exitOK {
		t.Fatalf("exit code %d: %s", code, w.err.String())
	}
	for _, want := range []string{
		"a null pointer was used (address 0x0)", "/s/segv.py:3 in inner", "libc.so.6+0x167ad8", "258b24e743e1",
		"/tmp/trunc.bin was mapped and is shorter now", "/s/sigbus.py:6 in touch",
	} {
		if !strings.Contains(strings.Join(strings.Fields(w.out.String()), " "), want) {
			t.Errorf("the report does not say %q:\n%s", want, w.out.String())
		}
	}
}

// TestCoresSaysWhatIsWrong: every file of the bad-input list, with a good one beside
// it that is still read.
func TestCoresSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, data, 0o600))
		return path
	}
	packed, err := os.ReadFile(recordedCore("segv"))
	must(t, err)
	elf := append([]byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00"), make([]byte, 100)...)
	for _, tt := range []struct{ name, path, want string }{
		{"missing", filepath.Join(dir, "none"), "no such file"},
		{"folder", dir + "/", "it is a folder"},
		{"empty", write("empty", nil), "0 bytes are not even an ELF header"},
		{"text", write("log", []byte("hello, this is a log file, and a long enough one to be sure of that")),
			"not an ELF file"},
		{"program", write("program", elf), "an ELF executable, not a core"},
		{"packed text", write("x.gz", gzipped(t, "a log of last week, which logrotate packed and somebody calls a core")),
			"not an ELF file"},
		{"device", "/dev/null", "no regular file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var w world
			if code := w.gwdoctor("cores", tt.path, recordedCore("segv")); code != exitFailed {
				t.Errorf("exit code %d, want %d", code, exitFailed)
			}
			if !strings.Contains(w.err.String(), tt.want) {
				t.Errorf("%q does not say %q", w.err.String(), tt.want)
			}
			if !strings.Contains(w.out.String(), "segv.py:3") {
				t.Errorf("the good core was not read:\n%s", w.out.String())
			}
		})
	}
	var w world
	if code := w.gwdoctor("cores", write("cut.zst", packed[:len(packed)/2])); code != exitOK {
		t.Errorf("a cut file: exit code %d: %s", code, w.err.String())
	}
	if !strings.Contains(w.out.String(), "TRUNCATED") || !strings.Contains(w.out.String(), "SIGSEGV SEGV_MAPERR at 0x0") {
		t.Errorf("a cut file is not read as one:\n%s", w.out.String())
	}
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, err := w.Write([]byte(text))
	must(t, errors.Join(err, w.Close()))
	return buf.Bytes()
}

func TestCoresUsage(t *testing.T) {
	for _, args := range [][]string{{"cores", "--sysroot", "/no/such/folder", recordedCore("segv")}} {
		var w world
		if code := w.gwdoctor(args...); code != exitUsage {
			t.Errorf("%q: exit code %d: %s", args, code, w.err.String())
		}
	}
}

// TestCoresRedactsArguments puts a secret into a core's command line: it must not
// come out, in no format.
func TestCoresRedactsArguments(t *testing.T) {
	raw, err := json.Marshal(map[string]any{"cores": []map[string]any{{
		"path": "/core", "where": "container", "kind": "other", "summary": "x", "threads": []any{}, "notes": []any{},
		"args": "python3 app.py --password hunter2secret9 --dsn postgres://u:hunter2secret9@db/x",
	}}, "places": []any{}})
	must(t, err)
	b := bundle.New("", bundle.Target{}, now)
	b.Put(bundle.FileCores, raw)
	redact.Bundle(b)
	if args := diagnose.CoresOf(b).Cores[0].Args; strings.Contains(args, "hunter2") ||
		!strings.Contains(args, "python3 app.py --password") {
		t.Errorf("args %q", args)
	}
}
