package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

func TestJSONHasNoNullLists(t *testing.T) {
	var out bytes.Buffer
	bare := answer.Diagnosis{Causes: []answer.Cause{{}}, Alternatives: []answer.Alternative{{}}}
	if err := renderJSON(&out, reportOf(bare, answer.Diagnosis{}), layout.Style{}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "null") {
		t.Errorf("a list is null:\n%s", out.String())
	}
	out.Reset()
	if err := renderJSON(&out, answer.Report{}, layout.Style{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `"diagnoses": []`) {
		t.Errorf("no diagnoses are not []:\n%s", out.String())
	}
}

// TestJSONKeepsTheView: the caller's lists stay as they were.
func TestJSONKeepsTheView(t *testing.T) {
	r := reportOf(answer.Diagnosis{Causes: []answer.Cause{{ID: "oom-kill"}}})
	if err := renderJSON(&bytes.Buffer{}, r, layout.Style{}); err != nil {
		t.Fatal(err)
	}
	if r.Diagnoses[0].Timeline != nil || r.Diagnoses[0].Causes[0].Findings != nil {
		t.Error("JSON changed the view that it was given")
	}
}

// TestJSONIsInertAndEqual: what a terminal would obey is escaped, and means the
// same when it is decoded again.
func TestJSONIsInertAndEqual(t *testing.T) {
	const name = "<a&b>\u009b31m\u202e\U000e0041 日本 \x1b[2J"
	var out bytes.Buffer
	if err := Document(&out, map[string]string{"name": name, "bad": "\xff"}); err != nil {
		t.Fatal(err)
	}
	if !utf8.Valid(out.Bytes()) {
		t.Error("not UTF-8")
	}
	for _, want := range []string{`<a&b>`, `\u009b31m\u202e\udb40\udc41 日本 \u001b[2J`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s lacks %s", out.String(), want)
		}
	}
	var back map[string]string
	if err := json.Unmarshal(out.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"name": name, "bad": "\ufffd"}, back); diff != "" {
		t.Error(diff)
	}
}
