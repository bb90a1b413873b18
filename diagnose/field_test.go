package diagnose

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// fieldCase is one entry of fixtures/field/expect.json.
type fieldCase struct {
	Bundle   string   `json:"bundle"`
	What     string   `json:"what"`
	Kinds    []string `json:"kinds"`    // right kinds of verdict; empty: those of Causes and Others
	Causes   []string `json:"causes"`   // right causes
	Others   []string `json:"others"`   // right named others
	NotKinds []string `json:"notKinds"` // wrong kinds
	Says     []string `json:"says"`     // what the verdict's words must hold
	Never    []string `json:"never"`    // what the whole document must not
}

// fieldVerdict is what the field cases look at, decoded from the document that users get.
type fieldVerdict struct {
	Kind    string `json:"kind"`
	Cause   string `json:"cause"`
	Summary string `json:"summary"`
	Other   struct {
		ID    string `json:"id"`
		Title string `json:"title"`
	} `json:"other"`
}

// knownWrong are the field cases that are not yet right, with the day on which that was last looked at. Whoever makes
// one right takes it out; a case that is wrong and not listed fails.
var knownWrong = map[string]string{}

func fieldCases(t *testing.T) (cases []fieldCase) {
	t.Helper()
	data, err := os.ReadFile("../fixtures/field/expect.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// TestField diagnoses what strangers reported, and prints how many came out right.
func TestField(t *testing.T) {
	cases := fieldCases(t)
	right := 0
	for _, c := range cases {
		wrong := c.wrong(t, "../fixtures/field/bundles")
		switch day, known := knownWrong[c.Bundle]; {
		case wrong == "" && known:
			right++
			t.Logf("%s is right now: take it out of knownWrong", c.Bundle)
		case wrong == "":
			right++
		case known:
			t.Logf("known to be wrong since %s: %s (%s): %s", day, c.Bundle, c.What, wrong)
		default:
			t.Errorf("%s (%s): %s", c.Bundle, c.What, wrong)
		}
	}
	t.Logf("%d of %d field cases right", right, len(cases))
}

// TestFieldHasNoDeadBundle keeps the folder and the expectations in step.
func TestFieldHasNoDeadBundle(t *testing.T) {
	cases := fieldCases(t)
	files, err := filepath.Glob("../fixtures/field/bundles/*.tar.gz")
	if err != nil || len(files) != len(cases) {
		t.Errorf("%d bundles, %d expectations (%v)", len(files), len(cases), err)
	}
	for name := range knownWrong {
		if !slices.ContainsFunc(cases, func(c fieldCase) bool { return c.Bundle == name }) {
			t.Errorf("knownWrong names %s, which is no case", name)
		}
	}
}

// wrong says what is not as it must be; "" for nothing.
func (c fieldCase) wrong(t *testing.T, folder string) string {
	t.Helper()
	b, err := bundle.Open(filepath.Join(folder, c.Bundle+".tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	document, err := json.Marshal(Diagnose(b))
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Verdict fieldVerdict `json:"verdict"`
	}
	if err := json.Unmarshal(document, &d); err != nil {
		t.Fatal(err)
	}
	v := d.Verdict
	got := fmt.Sprintf("got %s %s%s: %s", v.Kind, v.Cause, v.Other.ID, v.Summary)
	named := slices.Contains(c.Causes, v.Cause) && v.Kind == "cause" || slices.Contains(c.Others, v.Other.ID) &&
		v.Other.ID != ""
	switch {
	case slices.Contains(c.NotKinds, v.Kind):
		return got
	case len(c.Kinds) == 0 && len(c.Causes)+len(c.Others) > 0 && !named, len(c.Kinds) > 0 &&
		!slices.Contains(c.Kinds, v.Kind) && !named:
		return got
	}
	for _, text := range c.Says {
		if !strings.Contains(strings.ToLower(v.Summary+" "+v.Other.Title), strings.ToLower(text)) {
			return fmt.Sprintf("no %q; %s", text, got)
		}
	}
	for _, text := range c.Never {
		if strings.Contains(string(document), text) {
			return fmt.Sprintf("says %q; %s", text, got)
		}
	}
	return ""
}
