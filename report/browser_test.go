package report

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/fixtures"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

var screenshots = flag.String("screenshots", "", "write the pictures of docs/ into this `folder`")

// tab is a page in a real Chromium, with what it did that it must not.
type tab struct {
	context.Context
	t        testing.TB
	url      string
	mu       sync.Mutex
	trouble  []string // console messages, exceptions, blocked things
	requests []string
}

// chromium starts a headless browser; the test is skipped where there is none.
func chromium(t testing.TB) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium here (Debian's package chromium); .ci/run installs it")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, // as root there is none
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.WSURLReadTimeout(time.Minute))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 8*time.Minute)
	t.Cleanup(cancel)
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	return ctx
}

// open shows a report in a tab of its own.
func open(t testing.TB, browser context.Context, r answer.Report, before ...chromedp.Action) *tab {
	t.Helper()
	var out bytes.Buffer
	if err := renderHTML(&out, r, layout.Style{}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	p := &tab{Context: ctx, t: t, url: (&url.URL{Scheme: "file", Path: file}).String()}
	chromedp.ListenTarget(ctx, p.listen)
	p.run(append(append([]chromedp.Action{network.Enable(), cdplog.Enable(), runtime.Enable()}, before...),
		chromedp.Navigate(p.url))...)
	return p
}

func (p *tab) listen(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		p.trouble = append(p.trouble, fmt.Sprintf("console.%s", e.Type))
	case *runtime.EventExceptionThrown:
		p.trouble = append(p.trouble, e.ExceptionDetails.Error())
	case *cdplog.EventEntryAdded:
		p.trouble = append(p.trouble, e.Entry.Text)
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	case *cdppage.EventJavascriptDialogOpening:
		p.trouble = append(p.trouble, "dialog: "+e.Message)
	}
}

func (p *tab) run(actions ...chromedp.Action) {
	p.t.Helper()
	if err := chromedp.Run(p, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// eval runs an expression in the page.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	var value T
	p.run(chromedp.Evaluate(expression, &value))
	return value
}

// quiet fails the test for anything in the console and any request but the page's own.
func (p *tab) quiet() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, trouble := range p.trouble {
		p.t.Errorf("the console says: %s", trouble)
	}
	for _, request := range p.requests {
		if strings.TrimSuffix(request, "#") != p.url && !strings.HasPrefix(request, p.url+"#") {
			p.t.Errorf("a request left the file: %s", request)
		}
	}
}

// demo diagnoses a recorded incident.
func demo(t testing.TB, names ...string) answer.Report {
	t.Helper()
	r := answer.Report{SchemaVersion: 1, Tool: answer.Tool{Name: "gwdoctor", Version: "1.0"},
		GeneratedAt: end.Add(3 * time.Hour)}
	for _, name := range names {
		files, err := fixtures.Incident(name)
		if err != nil {
			t.Fatal(err)
		}
		b, err := bundle.OpenFS(files)
		if err != nil {
			t.Fatal(err)
		}
		r.Diagnoses = append(r.Diagnoses, diagnose.Diagnose(b))
	}
	r.Chains = diagnose.Chains(r.Diagnoses)
	return r
}

// TestLargestReportIsSmall: no recorded incident makes a page of 300 KB.
func TestLargestReportIsSmall(t *testing.T) {
	largest, of := 0, ""
	for _, name := range fixtures.Names() {
		if n := len(rendered(t, demo(t, name), htmlOut)); n > largest {
			largest, of = n, name
		}
	}
	if largest > 300_000 || largest == 0 {
		t.Errorf("%s: %d bytes", of, largest)
	}
	t.Logf("largest: %s, %d bytes", of, largest)
}

// TestInBrowser looks at pages in a real browser: one for all of it, because
// starting it takes longest.
func TestInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	browser := chromium(t)
	withChain := chained()
	withChain.Diagnoses[0].Lanes = sampleTracks()
	for name, r := range map[string]answer.Report{
		"oom-gateway-leak": demo(t, "oom-gateway-leak"), "pool-redis": demo(t, "pool-redis"),
		"healthy-running": demo(t, "healthy-running"),
		"exit-one-silent": demo(t, "exit-one-silent"), "chain": withChain, "nothing": reportOf(),
	} {
		t.Run(name, func(t *testing.T) { testPage(t, browser, r) })
	}
	for name, test := range map[string]func(*testing.T, context.Context){
		"hostile": testHostilePages, "without scripts": testWithoutScripts, "copy": testCopyButton, "print": testPrints,
	} {
		t.Run(name, func(t *testing.T) { test(t, browser) })
	}
}

func testPage(t *testing.T, browser context.Context, r answer.Report) {
	p := open(t, browser, r)
	for _, d := range r.Diagnoses {
		contains(t, "the page", eval[string](p, `document.body.innerText`), verdictWord(d.Verdict),
			sanitize.Clean(d.Verdict.Summary, 100)[:min(60, len(d.Verdict.Summary))])
	}
	if got, want := eval[int](p, `document.querySelectorAll(".wide svg").length`), withTracks(r); got != want {
		t.Errorf("%d pictures, want %d", got, want)
	}
	fits(p)
	aboveTheFold(p, r)
	legible(p)
	labelled(p)
	p.quiet()
}

// aboveTheFold checks that the verdict and the first aid are seen without scrolling, on a desk and on a phone; on a
// desk, what to do then begins there, too.
func aboveTheFold(p *tab, r answer.Report) {
	p.t.Helper()
	if len(r.Diagnoses) != 1 {
		return
	}
	for _, screen := range []struct {
		width, height int64
		within        string
	}{{1280, 800, ".answer, .aid .now .copy, .aid .then h3"}, {390, 844, ".answer, .aid .now .copy"}} {
		p.run(chromedp.EmulateViewport(screen.width, screen.height))
		below := eval[[]string](p, `[...document.querySelectorAll(`+"`"+screen.within+"`"+`)].filter(e => e.getBoundingClientRect().bottom + scrollY > innerHeight).map(e => e.className + " " + e.textContent.slice(0, 40))`)
		if len(below) > 0 {
			p.t.Errorf("at %d px below the fold: %q", screen.width, below)
		}
	}
	if open := eval[int](p, `document.querySelectorAll(".ranking").length - document.querySelectorAll("details:not([open]) .ranking").length`); open != 0 {
		p.t.Error("the ranking is open")
	}
}

func withTracks(r answer.Report) int {
	n := 0
	for _, d := range r.Diagnoses {
		if d.Lanes.From != nil {
			n++
		}
	}
	return n
}

func contains(t testing.TB, what, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), strings.Join(strings.Fields(want), " ")) {
			t.Errorf("%s lacks %q", what, want)
		}
	}
}

// fits checks that nothing scrolls sideways on a phone and on a desk, and that one
// picture of each pair is shown.
func fits(p *tab) {
	p.t.Helper()
	for _, width := range []int64{390, 1440} {
		p.run(chromedp.EmulateViewport(width, 900))
		over := eval[[]string](p, `[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 0.5 && !e.matches(".skip, .hidden")).map(e => e.tagName + "." + e.className.baseVal + " " + e.textContent.slice(0, 30))`)
		if scroll := eval[int64](p, `document.documentElement.scrollWidth`); scroll > width || len(over) > 0 {
			p.t.Errorf("at %d px the page is %d px wide; too far right: %.300q", width, scroll, over)
		}
		shown, all := eval[int](p, `[...document.querySelectorAll(".wide svg, .narrow svg")].filter(e => e.getBoundingClientRect().width > 0).length`), eval[int](p, `document.querySelectorAll(".wide svg, .narrow svg").length`)
		if shown*2 != all {
			p.t.Errorf("at %d px %d of %d pictures are shown, want one of each pair", width, shown, all)
		}
	}
}

// contrastScript finds text whose contrast to what lies behind it is below WCAG
// AA: 4.5, or 3 for large type. Text in pictures lies on the page or a lane.
const contrastScript = `(() => {
  const rgb = s => { const m = s.match(/[\d.]+/g); return m ? m.map(Number) : [0, 0, 0, 0]; };
  const light = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] > 0) return c; } return [255, 255, 255]; };
  const bad = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || e.matches("script, style, title, desc, .skip, .hidden") || !e.getClientRects().length) continue;
    const style = getComputedStyle(e), svg = e.closest("svg");
    const text = light(rgb(svg ? style.fill : style.color).slice(0, 3));
    let under = behind(svg ? svg.parentElement : e);
    if (e.matches(".number")) under = rgb(getComputedStyle(svg.querySelector("rect.mark")).fill);
    const ground = light(under.slice(0, 3));
    const ratio = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
    const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
    if (ratio < (large ? 3 : 4.5)) bad.push(ratio.toFixed(2) + " " + e.tagName + ": " + walk.currentNode.textContent.trim().slice(0, 40));
  }
  return bad;
})()`

// legible checks the contrast of all text, light and dark.
func legible(p *tab) {
	p.t.Helper()
	grounds := map[string]bool{}
	for _, scheme := range []string{"light", "dark"} {
		p.run(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme",
			Value: scheme}}))
		grounds[eval[string](p, `getComputedStyle(document.body).backgroundColor`)] = true
		if bad := eval[[]string](p, contrastScript); len(bad) > 0 {
			p.t.Errorf("%s: too little contrast: %.500q", scheme, bad)
		}
	}
	if len(grounds) != 2 {
		p.t.Errorf("light and dark look the same: %v", grounds)
	}
}

// labelled checks what a screen reader and a keyboard need: names, one language,
// headings that skip no level, table headers with a scope, a link over the head.
func labelled(p *tab) {
	p.t.Helper()
	for what, script := range map[string]string{
		"a picture without a name":        `[...document.querySelectorAll("svg.picture")].filter(e => !e.getAttribute("aria-labelledby").split(" ").every(id => document.getElementById(id)?.textContent)).length`,
		"an id that stands twice":         `(ids => ids.length - new Set(ids).size)([...document.querySelectorAll("[id]")].map(e => e.id))`,
		"a button without a name":         `[...document.querySelectorAll("button")].filter(e => !e.getAttribute("aria-label")).length`,
		"a table header without a scope":  `document.querySelectorAll("th:not([scope])").length`,
		"a table without headers":         `[...document.querySelectorAll("table")].filter(e => !e.querySelector("thead th")).length`,
		"a heading that skips a level":    `[...document.querySelectorAll("h1,h2,h3,h4")].map(e => +e.tagName[1]).filter((n, i, all) => n > (i ? all[i - 1] : 2) + 1).length`,
		"a page without a language":       `document.documentElement.lang === "en" ? 0 : 1`,
		"a page without a main part":      `document.querySelectorAll("main").length - 1`,
		"a decoration that is read aloud": `document.querySelectorAll(".bar:not([aria-hidden])").length`,
	} {
		if n := eval[int](p, script); n != 0 {
			p.t.Errorf("%s: %d", what, n)
		}
	}
	p.run(chromedp.KeyEvent(kb.Tab))
	if first := eval[string](p, `document.activeElement.textContent`); first != "Skip to the report" {
		p.t.Errorf("the first stop of the keyboard is %q", first)
	}
}

// testHostilePages opens poisoned pages: nothing runs, nothing is fetched, and
// the poison is there to read.
func testHostilePages(t *testing.T, chromium context.Context) {
	backwards := slices.Clone(poisons) // alone, each was given to a parser: TestHostileHTML
	slices.Reverse(backwards)
	reports := map[string]answer.Report{
		"10 MB": hugeReport(), "all": hostileReport(strings.Join(poisons, " ")),
		"all, backwards": hostileReport(strings.Join(backwards, "")),
	}
	for name, r := range reports {
		p := open(t, chromium, r)
		if n := strings.Count(eval[string](p, `document.body.textContent`), "MARK"); n < 5 {
			t.Errorf("%s: its text stands %d times", name, n)
		}
		if n := eval[int](p, `document.scripts.length`); n != 1 {
			t.Errorf("%s: %d scripts", name, n)
		}
		fits(p)
		p.quiet()
		if t.Failed() {
			t.Fatalf("poison %s", name)
		}
	}
}

// testWithoutScripts: the content needs none; only the copy buttons are missing.
func testWithoutScripts(t *testing.T, chromium context.Context) {
	r := demo(t, "oom-gateway-leak")
	with, without := open(t, chromium, r), open(t, chromium, r, emulation.SetScriptExecutionDisabled(true))
	if got := eval[int](with, `document.querySelectorAll(".copy button").length`); got == 0 {
		t.Error("with scripts there are no copy buttons")
	}
	if got := eval[int](without, `document.querySelectorAll(".copy button").length`); got != 0 {
		t.Errorf("without scripts there are %d copy buttons that do nothing", got)
	}
	words := `document.body.innerText.replaceAll("Copy\n", "").replace(/\s+/g, " ")`
	a, b := strings.ReplaceAll(eval[string](with, words), " Copy", ""), eval[string](without, words)
	if a != b {
		t.Errorf("the content differs without scripts:\n%.400s\n%.400s", a, b)
	}
	without.quiet()
}

// testCopyButton copies a fix, as a click and as a key.
func testCopyButton(t *testing.T, chromium context.Context) {
	p := open(t, chromium, demo(t, "oom-gateway-leak"))
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		p.run(browser.SetPermission(&browser.PermissionDescriptor{Name: name}, browser.PermissionSettingGranted))
	}
	p.run(cdppage.BringToFront(), chromedp.Focus(".fixes .copy button"), chromedp.KeyEvent(kb.Enter),
		chromedp.Poll(`document.querySelector(".fixes .copy button").textContent !== "Copy"`, nil,
			chromedp.WithPollingTimeout(10*time.Second)))
	if said := eval[string](p, `document.getElementById("said").textContent`); said != "Copied" &&
		!strings.HasPrefix(said, "Selected") {
		t.Errorf("a screen reader hears %q", said)
	}
	want := eval[string](p, `document.querySelector(".fixes .copy code").textContent`)
	var got string
	read := chromedp.Evaluate(`navigator.clipboard.readText()`, &got,
		func(e *runtime.EvaluateParams) *runtime.EvaluateParams { return e.WithAwaitPromise(true) })
	p.run(read)
	if got != want || !strings.Contains(got, "docker update --memory") { // the first aid stands first
		t.Errorf("copied %q, want %q", got, want)
	}
	p.quiet()
}

// testPrints: a PDF of one page comes out, without buttons.
func testPrints(t *testing.T, chromium context.Context) {
	for _, name := range []string{"pool-redis", "oom-gateway-leak", "startup-redis-refused", "probe-hangs-on-redis"} {
		t.Run(name, func(t *testing.T) { testPrint(t, chromium, name) })
	}
}

func testPrint(t *testing.T, chromium context.Context, name string) {
	p := open(t, chromium, demo(t, name))
	var pdf []byte
	p.run(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		pdf, _, err = cdppage.PrintToPDF().WithPrintBackground(true).Do(ctx)
		return err
	}), emulation.SetEmulatedMedia().WithMedia("print"))
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || len(pdf) < 10_000 {
		t.Errorf("printed %d bytes", len(pdf))
	}
	if n := bytes.Count(pdf, []byte("/Type /Page\n")); n != 1 {
		t.Errorf("%d pages are printed, want one for one container", n)
	}
	if n := eval[int](p, `[...document.querySelectorAll(".copy button")].filter(e => e.offsetParent).length`); n != 0 {
		t.Errorf("%d buttons are printed", n)
	}
	p.quiet()
}

// recordedProject is a redis that was killed for lack of memory, and the gateway that needed it.
func recordedProject(t *testing.T) answer.Report {
	t.Helper()
	var list []answer.Diagnosis
	for _, name := range []string{"gateway", "redis"} {
		b, err := bundle.Open("../diagnose/testdata/chain/" + name + ".tar.gz")
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, diagnose.Diagnose(b))
	}
	return diagnose.Report(list, "test", list[0].CapturedAt)
}

// TestScreenshots writes the pictures of docs/ when it is asked to:
//
//	go test ./report -run Screenshots -screenshots ../docs/screenshots
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("no -screenshots FOLDER")
	}
	browser := chromium(t)
	for _, shot := range []struct {
		name, media, scheme string
		report              answer.Report
		width, height       int64
	}{
		{"pool-redis", "screen", "light", demo(t, "pool-redis"), 1280, 800},
		{"oom-gateway-leak-dark", "screen", "dark", demo(t, "oom-gateway-leak"), 1280, 800},
		{"oom-gateway-leak-print", "print", "light", demo(t, "oom-gateway-leak"), 794, 1123}, // A4 at 96 dots an inch
		{"probe-hangs-on-redis-phone", "screen", "light", demo(t, "probe-hangs-on-redis"), 390, 844},
		{"project", "screen", "light", recordedProject(t), 1280, 1000},
	} {
		p := open(t, browser, shot.report)
		var png []byte
		p.run(chromedp.EmulateViewport(shot.width, shot.height),
			emulation.SetEmulatedMedia().WithMedia(shot.media).WithFeatures([]*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: shot.scheme}}),
			chromedp.CaptureScreenshot(&png))
		if err := os.WriteFile(filepath.Join(*screenshots, shot.name+".png"), png, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkOpen opens the largest recorded report in Chromium, from the navigation
// to the end of loading: docs/performance.md.
func BenchmarkOpen(b *testing.B) {
	browser := chromium(b)
	r := demo(b, "oom-gateway-leak")
	largest := 0
	for _, name := range fixtures.Names() {
		candidate := demo(b, name)
		var out bytes.Buffer
		if err := renderHTML(&out, candidate, layout.Style{}); err != nil {
			b.Fatal(err)
		}
		if out.Len() > largest {
			largest, r = out.Len(), candidate
		}
	}
	open(b, browser, r) // the first tab starts processes
	var times []float64
	for b.Loop() {
		p := open(b, browser, r)
		times = append(times, eval[float64](p, `(t => t.loadEventEnd - t.startTime)(performance.getEntriesByType("navigation")[0])`))
	}
	slices.Sort(times)
	b.ReportMetric(times[len(times)/2], "ms/median")
	b.ReportMetric(float64(largest), "bytes")
}
