package oomreport

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/answer/oom"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
	"github.com/gwdoctor/gwdoctor/report"
)

func recordedAnswer(t *testing.T, name string) oom.Answer {
	t.Helper()
	f, err := os.Open("../../diagnose/read/kernellog/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	log, err := kernellog.Read(f, kernellog.Options{Boot: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return oom.Make(oom.Source{Kind: oom.SourceFile, Files: []string{name}}, log, oom.Question{})
}

func decoded(t *testing.T, doc []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(doc, &v); err != nil {
		t.Fatalf("%v\n%s", err, doc)
	}
	return v
}

// The record-wise writer must write what the one for whole documents does.
func TestOOMJSONIsTheDocument(t *testing.T) {
	for _, a := range []oom.Answer{
		recordedAnswer(t, "6.12-v2/weirdname-v2.kmsg"), recordedAnswer(t, "6.12-v2/ratelimit-v2.kmsg"),
		recordedAnswer(t, "5.10-v2/sig-default.dmesg"),
		oom.Make(oom.Source{Kind: oom.SourceFile}, &kernellog.Log{}, oom.Question{}),
	} {
		var whole, records bytes.Buffer
		if err := report.Document(&whole, a); err != nil {
			t.Fatal(err)
		}
		if err := JSON(&records, a); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(decoded(t, whole.Bytes()), decoded(t, records.Bytes())); d != "" {
			t.Errorf("(-document +records):\n%s", d)
		}
	}
}
