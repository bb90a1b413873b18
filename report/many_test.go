package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// crowd is a report on n healthy containers, and those given.
func crowd(n int, others ...answer.Diagnosis) answer.Report {
	var list []answer.Diagnosis
	for i := range n {
		d := oomDiagnosis()
		d.Target = answer.Target{ID: fmt.Sprintf("id-%d", i), Name: fmt.Sprintf("service-%03d", i), Image: "shop/x:1"}
		d.Verdict = answer.Verdict{Kind: fact.NotAFailure, State: fact.FineOK, Confidence: 0.98,
			Summary: "nothing failed: it is running, for 3 min, health: healthy"}
		d.Death = answer.Death{State: fact.StateRunning, EndedBy: fact.EndedByNone, Chain: []string{"still running"}}
		d.Causes, d.Advice = nil, nil
		list = append(list, d)
	}
	return reportOf(append(list, others...)...)
}

// TestCrowdFitsAPage: one failure among 200 containers is on one page with its row and its details, on top.
func TestCrowdFitsAPage(t *testing.T) {
	text := textOf(t, crowd(199, oomDiagnosis()), layout.Style{})
	if n := strings.Count(text, "\n"); n >= 60 {
		t.Errorf("%d lines:\n%s", n, text)
	}
	contains(t, "the report", text, "200 containers, 1 failed", "CAUSE Killed for lack of memory", "THEN", "\nUNSEEN ",
		"195 more containers")
	if i, j := strings.Index(text, "gateway"), strings.Index(text, "service-000"); i < 0 || j < i {
		t.Errorf("what failed is not the first row: %d, %d", i, j)
	}
}

// TestHealthyProjectIsShort: where nothing failed there is a line for each and no more.
func TestHealthyProjectIsShort(t *testing.T) {
	if text := textOf(t, crowd(5), layout.Style{}); strings.Count(text, "\n") > 9 {
		t.Errorf("%d lines:\n%s", strings.Count(text, "\n"), text)
	}
}

// TestQuietListsAll: the table has a row for each, and nothing else.
func TestQuietListsAll(t *testing.T) {
	text := textOf(t, crowd(40, oomDiagnosis()), layout.Style{Quiet: true})
	contains(t, "the table", text, "service-000", "service-039", "gateway")
	if n := strings.Count(text, "\n"); n != 42 {
		t.Errorf("%d lines, want one for each and the head", n)
	}
}

// TestBriefHasNoPages: beside a folder with the whole report the table is enough, with what to do first.
func TestBriefHasNoPages(t *testing.T) {
	text := textOf(t, chained(), layout.Style{Brief: true})
	contains(t, "the table", text, "FIRST", "THEN", "gateway")
	if strings.Contains(text, "UNSEEN") {
		t.Errorf("a page:\n%s", text)
	}
}

// TestRowsAreWhole: a reason is never cut, however narrow the page is.
func TestRowsAreWhole(t *testing.T) {
	long := oomDiagnosis()
	long.Target.Name = strings.Repeat("shop-", 11) + "worker"
	for _, width := range []int{40, 80, 200} {
		text := textOf(t, reportOf(long, undetermined()), layout.Style{Brief: true, Width: width})
		contains(t, "the table", text, long.Target.Name)
		contains(t, "the table", strings.Join(strings.Fields(text), " "),
			"the container reached its own limit of 64 MiB (almost certain, 98 %)")
	}
}

// TestGravestFirst: in the table, and of more annotations than GitHub shows.
func TestGravestFirst(t *testing.T) {
	r := chained()
	r.Diagnoses = append(crowd(1).Diagnoses, r.Diagnoses[2], r.Diagnoses[1], r.Diagnoses[0])
	var got []string
	for _, d := range r.ByGravity() {
		got = append(got, d.Target.Name)
	}
	if diff := cmp.Diff([]string{"shop-redis-1", "gateway", "worker", "service-000"}, got); diff != "" {
		t.Error(diff)
	}
	for range 20 {
		r.Diagnoses = append(r.Diagnoses, r.Diagnoses[2])
	}
	lines := strings.Split(strings.TrimSpace(rendered(t, r, in(FormatGitHub))), "\n")
	if len(lines) != maxAnnotations || !strings.Contains(lines[1], "shop-redis-1") ||
		!strings.Contains(lines[9], "14 more failures") {
		t.Errorf("%d annotations:\n%s", len(lines), strings.Join(lines, "\n"))
	}
}

// stoppedRedis is a project whose redis was stopped; what needs it says what to do, since a stop is no failure.
func stoppedRedis() answer.Report {
	r := chained()
	r.Diagnoses[0].Verdict = answer.Verdict{Kind: fact.NotAFailure, State: fact.FineStopped, Confidence: 0.97,
		Summary: "nothing failed: it was ended on request: docker stop"}
	mend := answer.Advice{When: answer.AdviceThen, Title: "Try again", Place: &answer.Place{File: "app.py", Line: 5}}
	r.Diagnoses[1].Advice = []answer.Advice{{When: answer.AdviceNow, Title: "Bring redis back",
		Command: "docker start shop-redis-1"}, mend}
	admin := r.Diagnoses[1]
	admin.Target.ID, admin.Target.Name, admin.Target.Service = strings.Repeat("ef", 32), "admin", "admin"
	r.Diagnoses = []answer.Diagnosis{r.Diagnoses[0], r.Diagnoses[1], admin}
	link := r.Chains[0].Links[1]
	link.ID, link.Container, link.Service = admin.Target.ID, "admin", "admin"
	r.Chains[0].Links = append(r.Chains[0].Links, link)
	return r
}

// TestProjectSaysWhatToDo: every form of a project's report begins with what to do, once, whoever asks for it.
func TestProjectSaysWhatToDo(t *testing.T) {
	text := textOf(t, stoppedRedis(), layout.Style{})
	contains(t, "the text", text, "shop  3 services, 2 failed, 1 stopped on request", "NOW    docker start shop-redis-1\n",
		"THEN   gateway, admin: Try again (app.py:5)", "suffered from redis\n")
	if now, table := strings.Index(text, "NOW "), strings.Index(text, "\nname "); now < 0 || now > table ||
		strings.Count(text, "docker start") != 1 || strings.Contains(text, "====") {
		t.Errorf("what to do stands not once and on top, or what the chain explains has details:\n%s", text)
	}
	contains(t, "the brief text", rendered(t, stoppedRedis(), in("brief")),
		"shop: 2 of 3 services failed, as of 2026-11-23 19:16:00 UTC\n", "\nNow: docker start shop-redis-1\n",
		"\nThen: gateway, admin: Try again (app.py:5)\n", "redis at 2026-11-23 19:14:00 UTC")
	contains(t, "the page", rendered(t, stoppedRedis(), in("html")), "<title>shop: 2 of 3 services failed",
		"<h1>shop: 2 of 3 services failed", "docker start shop-redis-1", "<strong>gateway, admin:</strong> Try again")
}

// TestNothingIsSaidTwice: what the verdict said is neither a link of its chain nor a fact without words of its own.
func TestNothingIsSaidTwice(t *testing.T) {
	d := oomDiagnosis()
	d.Verdict.Summary = "It waits for redis, which is paused"
	d.Death.Chain = []string{"still running", "it waits for redis, which is paused"}
	d.Causes[0].Findings = []answer.Finding{{ID: "waits", Says: fact.SaysFor, Weight: 20, Counted: true,
		Source: "neighbours", Summary: "it waits for redis, which is paused"}}
	text := textOf(t, reportOf(d), layout.Style{})
	if n := strings.Count(strings.ToLower(text), "it waits for redis"); n != 1 {
		t.Errorf("%d times:\n%s", n, text)
	}
	contains(t, "the text", text, "what stands above is from neighbours")
}
