package guard

import (
	"slices"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

func TestFileHasTheChosenPartsAndWhatTheyNeed(t *testing.T) {
	text, err := File([]string{"tasks"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# --- core:", "# --- tasks:", "# --- watchdog:", "# --- start", `VERSION = "` +
		Version + `"`, "Apache License", "    GATEWAY_GUARD_STALL=5 (seconds"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the file", want)
		}
	}
	for _, not := range []string{"GATEWAY_GUARD_HEARTBEAT", "GATEWAY_GUARD_OS_EXIT", "# --- health:", "import re\n",
		"import %s", "%!"} {
		if strings.Contains(text, not) {
			t.Errorf("%q in the file", not)
		}
	}
}

func TestFileRefusesAnUnknownPart(t *testing.T) {
	if _, err := File([]string{"health", "hugs"}); err == nil || !strings.Contains(err.Error(), `no part "hugs"`) {
		t.Errorf("got %v", err)
	}
}

// Every cause of the document has a part that makes it visible.
func TestEveryCauseHasAPart(t *testing.T) {
	causes := []string{fact.OOMKill, fact.HealthcheckTimeout, fact.LoggingFailure, fact.WorkerCrash,
		fact.StartupFailure,
		fact.BackgroundTaskFailure, fact.ExceptionHandlerFailure, fact.PoolExhaustion, fact.HealthcheckFailure,
		fact.InterpreterCrash}
	for _, cause := range causes {
		if !slices.ContainsFunc(Parts(), func(p Part) bool { return slices.Contains(p.Causes, cause) }) {
			t.Errorf("no part for %s", cause)
		}
	}
}

func TestFrameworksNameParts(t *testing.T) {
	for _, f := range Frameworks() {
		if _, err := File(ForFramework(f)); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
	if ForFramework("rails") != nil {
		t.Error("parts for a framework that nobody knows")
	}
}

// TestExcerptIsPartOfItsExample: what advice quotes stands in what was run, line by line, without the markers.
func TestExcerptIsPartOfItsExample(t *testing.T) {
	for _, name := range Examples() {
		example, excerpt := Example(name), Excerpt(name)
		if excerpt == "" || strings.Contains(example, "# [") || strings.Contains(excerpt, "# [") {
			t.Errorf("%s:\n%s\n%s", name, example, excerpt)
		}
		for line := range strings.Lines(excerpt) {
			if !strings.Contains(example, line) {
				t.Errorf("%s: %q is not in the example", name, line)
			}
		}
	}
	if Excerpt("health_check") == Example("health_check") || Excerpt("nothing") != "" {
		t.Error("an excerpt that is all, or of nothing")
	}
}

func TestLinesFit(t *testing.T) {
	text, err := File(nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(text, "\n") {
		if len([]rune(line)) > 120 {
			t.Errorf("line %d has more than 120 columns: %s", i+1, line)
		}
	}
}
