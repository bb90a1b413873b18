package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

func rendered(t *testing.T, r answer.Report, render func(*bytes.Buffer, answer.Report) error) string {
	t.Helper()
	var out bytes.Buffer
	if err := render(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// htmlElements are the ones that the page itself is made of.
var htmlElements = strings.Fields("html head meta title style body a header p span time main h1 h2 h3 h4 section " +
	"div table thead tbody tr th td " +
	"article dl dt dd figure figcaption svg desc rect path circle text tspan ol ul li strong pre code details summary " +
	"script wbr bdi")

// elements walks a parsed document.
func elements(t *testing.T, doc string, visit func(*html.Node)) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		visit(n)
	}
}

// TestHostileHTML opens poisoned pages with a browser's parser: no element or
// attribute is there that the template does not write, and the texts are still
// readable.
func TestHostileHTML(t *testing.T) {
	for _, poison := range poisons {
		doc := rendered(t, hostileReport(poison), htmlOut)
		scripts, marks := 0, 0
		elements(t, doc, func(n *html.Node) {
			switch n.Type {
			case html.TextNode:
				marks += strings.Count(n.Data, "MARK")
			case html.ElementNode:
				if n.Data == "script" {
					scripts++
				}
				if !slices.Contains(htmlElements, n.Data) {
					t.Errorf("%.40q makes an element %q", poison, n.Data)
				}
				for _, a := range n.Attr {
					if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "href" &&
						!strings.HasPrefix(a.Val, "#") {
						t.Errorf("%.40q makes an attribute %s=%q", poison, a.Key, a.Val)
					}
				}
			}
		})
		if scripts != 1 || marks < 20 {
			t.Errorf("%.40q: %d scripts, its text stands %d times", poison, scripts, marks)
		}
		if i := strings.IndexFunc(doc, terminalObeys); i >= 0 {
			t.Errorf("%.40q: the page holds %q", poison, doc[i:min(len(doc), i+20)])
		}
	}
}

// TestHTMLSaysWhatTextSays: every part of the view is on the page.
func TestHTMLSaysWhatTextSays(t *testing.T) {
	r := chained()
	r.Diagnoses[0].Lanes = sampleTracks()
	doc := rendered(t, r, htmlOut)
	var words strings.Builder
	elements(t, doc, func(n *html.Node) {
		if n.Type == html.TextNode {
			words.WriteString(n.Data + " ")
		}
	})
	text := strings.Join(strings.Fields(words.String()), " ")
	for _, want := range []string{
		"The chain: redis fell first; gateway suffered from it", "2.4 s later",
		"its own logs complained of redis:6379, which is shop-redis-1",
		"CAUSE", `the kernel killed "python3" for lack of memory`, "almost certain, 98 %",
		"a kernel line of this container within 2 s of the end",
		"it runs again since", "oom-kill:constraint=CONSTRAINT_MEMCG", "kernel-log , 19:14:00.023; kernel-oom-kill",
		"not counted, says the same",
		"mechanism: brought about by oom-kill", "Raise the memory limit from 64 MiB", "mem_limit: 128m",
		"sudo gwdoctor diagnose gateway", "denied",
		"Masked: environment value (7), password in URL (1)", "last words", "CANNOT TELL", "no verdict; top of the list",
		"limit 64 MiB", "3 seen, 2 failed", "1 run before this",
	} {
		if !strings.Contains(strings.ReplaceAll(text, " ,", ","), strings.ReplaceAll(want, " ,", ",")) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

func TestHTMLOfNothing(t *testing.T) {
	if doc := rendered(t, reportOf(), htmlOut); !strings.Contains(doc, "Nothing was diagnosed") {
		t.Error(doc)
	}
}

// TestPictureOfOddTracks: a report.json may be anybody's; nothing panics and
// nothing hangs.
func TestPictureOfOddTracks(t *testing.T) {
	d := oomDiagnosis()
	d.Lanes = sampleTracks()
	d.Lanes.Probes = append(d.Lanes.Probes, answer.LaneProbe{DurationMs: 1e300},
		answer.LaneProbe{At: end, DurationMs: -1e300, Failed: true})
	d.Lanes.Log = &answer.LaneLog{StepSeconds: -1, Lines: []int{-5, 0, 1 << 60}}
	d.Lanes.Memory = append(d.Lanes.Memory, answer.LaneMemory{Bytes: -1 << 62})
	for _, span := range []*answer.Lanes{{From: at(-1e-9), To: at(0)}, {From: at(-1e9), To: at(1e9)},
		{From: at(0), To: at(-5)}} {
		d.Lanes.From, d.Lanes.To = span.From, span.To
		for _, width := range []int{344, 960} {
			svg := string(picture(d, "x", width))
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") || len(svg) > 100_000 {
				t.Errorf("%d bytes: %.300s", len(svg), svg)
			}
		}
	}
}

// TestLanesOfPods: all runs of a container share a lane, containers and pods have one each, and what the cluster told
// of a pod stands on its lane.
func TestLanesOfPods(t *testing.T) {
	zero := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	at := func(s int) *time.Time { v := zero.Add(time.Duration(s) * time.Second); return &v }
	run := func(pod, container string, from, to int) answer.Diagnosis {
		return answer.Diagnosis{Target: answer.Target{Name: pod + "/" + container, Namespace: "shop", Pod: pod,
			Container: container}, Lanes: answer.Lanes{From: at(0), To: at(60), Runs: []answer.LaneRun{
			{Start: at(from), End: at(to), Examined: true}}, Probes: []answer.LaneProbe{{At: *at(to - 2), Failed: true}}},
			Timeline: []answer.Moment{{At: *at(to - 1), Source: fact.SourceEvents, What: "Killing <app>"}}}
	}
	list := []answer.Diagnosis{run("a", "app", 0, 10), run("a", "app", 20, 30), run("a", "proxy", 0, 50),
		run("b", "app", 0, 40)}
	list[1].Lanes.Runs = append(list[1].Lanes.Runs, answer.LaneRun{Start: at(0), End: at(10)}) // known already
	got := string(axisOfAll(answer.Report{}, list, "id", 960))
	for part, want := range map[string]int{`class="label"`: 3, `class="run examined"`: 4, `class="run"`: 0,
		`class="fail"`: 4, `class="event"`: 4, "Killing &lt;app&gt;": 4, "<app>": 0} {
		if n := strings.Count(got, part); n != want {
			t.Errorf("%s: %d times, want %d in\n%s", part, n, want, got)
		}
	}
	docker := run("", "", 0, 10)
	got = string(axisOfAll(answer.Report{}, []answer.Diagnosis{docker, docker}, "id", 960))
	if strings.Contains(got, `class="event"`) {
		t.Error("events of what is no pod")
	}
}
