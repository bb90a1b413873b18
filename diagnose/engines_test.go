package diagnose

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

const enginesFolder = "../fixtures/engines"

// engineCase is one entry of fixtures/engines/expect.json.
type engineCase struct {
	fieldCase
	EndedBy string `json:"endedBy"` // "" = any
	Runs    int    `json:"runs"`    // how often it was started
}

// wrongOnEngines are the recordings whose verdict is not yet that of their twin.
var wrongOnEngines = map[string]bool{}

// TestEngines holds recordings of other engines against what was done to them.
func TestEngines(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(enginesFolder, "expect.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []engineCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		wrong := c.wrong(t)
		switch {
		case wrong != "" && !wrongOnEngines[c.Bundle]:
			t.Errorf("%s (%s): %s", c.Bundle, c.What, wrong)
		case wrong == "" && wrongOnEngines[c.Bundle]:
			t.Errorf("%s is right now: take it out of wrongOnEngines", c.Bundle)
		}
	}
	if files, err := filepath.Glob(filepath.Join(enginesFolder, "*.tar.gz")); err != nil || len(files) != len(cases) {
		t.Errorf("%d bundles, %d expectations (%v)", len(files), len(cases), err)
	}
}

func (c engineCase) wrong(t *testing.T) string {
	t.Helper()
	if wrong := c.fieldCase.wrong(t, enginesFolder); wrong != "" {
		return wrong
	}
	b, err := bundle.Open(filepath.Join(enginesFolder, c.Bundle+".tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	held := caseOf(b)
	switch {
	case len(held.Lives) != c.Runs:
		return "as many lives as " + fmtLives(held.Lives)
	case c.EndedBy != "" && string(held.Death.EndedBy) != c.EndedBy:
		return "ended by " + string(held.Death.EndedBy)
	case len(held.LogRuns) > c.Runs:
		return "lines of a run that was none"
	}
	return ""
}

func fmtLives(v any) string {
	text, _ := json.MarshalIndent(v, "", " ")
	return string(text)
}
