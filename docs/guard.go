package docs

import (
	_ "embed" // what the lab saw
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/advice/guard"
)

// GuardComparison is one scenario of the lab, played without the guard and with it.
type GuardComparison struct {
	Scenario string    `json:"scenario"`
	Cause    string    `json:"cause"`
	Number   int       `json:"number"` // of the cause
	What     string    `json:"what"`   // what really happened
	Server   string    `json:"server"`
	Before   GuardSeen `json:"before"`
	Now      GuardSeen `json:"now"`
}

// GuardSeen is what was seen of one run.
type GuardSeen struct {
	// the line of the service's own log that tells most of the cause; "" = none does
	Told       string  `json:"told"`
	Verdict    string  `json:"verdict"`    // of gwdoctor
	Confidence float64 `json:"confidence"` // of the verdict, 0 to 1
	Right      bool    `json:"right"`
}

//go:embed guard.json
var guardComparisons []byte

// GuardComparisons is what the lab saw (go run ./fixtures/lab guard), in the order of the causes.
func GuardComparisons() []GuardComparison {
	var all []GuardComparison
	if err := json.Unmarshal(guardComparisons, &all); err != nil {
		panic(err) // embedded, and held by a test
	}
	return all
}

// guardPage tells what the guard does and proves it by what the lab saw.
func guardPage() string {
	var w strings.Builder
	w.WriteString(generated + "# gateway_guard.py: no silent death stays silent\n\n" +
		"`gwdoctor guard > gateway_guard.py` prints one Python file without dependencies (Python 3.8 to 3.14). A service " +
		"imports it\n" +
		"before anything else; a FastAPI or Starlette application then calls `gateway_guard.install(app)`. It writes its " +
		"lines to file\n" +
		"descriptor 2, past loggers, buffers and locks.\n\n## Parts\n\n| part | does | of the source document | use |\n| " +
		"--- | --- | --- | --- |\n")
	for _, p := range guard.Parts() {
		use := "the import"
		if p.Use != "" {
			use = "`" + p.Use + "`"
		}
		fmt.Fprintf(&w, "| `%s` | %s | %s | %s |\n", p.Name, p.Does, strings.Join(p.Fixes, ", "), use)
	}
	all := GuardComparisons()
	told, before, right := 0, 0, 0
	sureness := map[string]int{}
	var names []string
	for _, c := range all {
		told += count(c.Now.Told != "")
		before += count(c.Before.Told != "")
		right += count(c.Now.Right)
		sureness[c.sureness()]++
		if c.sureness() == "less" {
			names = append(names, "`"+c.Scenario+"`")
		}
	}
	less := ""
	if len(names) > 0 { // of what the guard averts, less is to be seen: a listener that it keeps alive goes on to print
		less = " (" + strings.Join(names, ", ") + ")"
	}
	fmt.Fprintf(&w, "\n## What the lab saw\n\nEach scenario was played twice, as it is and with the guard imported "+
		"(`go run ./fixtures/lab guard`). Of %d deaths and silences the\n"+
		"service's own log told the cause in %d without the guard and in %d with it; with it gwdoctor's verdict was "+
		"right in %d. The line is the one\n"+
		"that says most of the cause; a timeout that the guard's health check answers with 503 in time counts as cause 2 "+
		"or 9.\n"+
		"With the guard the verdict was surer in %d, as sure in %d (the guard tells what the log told already, and a fact "+
		"counts once), less\nsure in %d%s; in the other %d both are %.1f %% or more.\n\n"+
		"| # | scenario | the log without | the log with the guard | gwdoctor without | with |\n| --- | --- | --- | --- "+
		"| --- | --- |\n", len(all), before, told, right, sureness["surer"], sureness["equal"], sureness["less"],
		less, sureness["ceiling"], 100*ceiling)
	for _, c := range all {
		fmt.Fprintf(&w, "| %d | **%s** (%s): %s | %s | %s | %s | %s |\n", c.Number, c.Scenario, c.Server, escape(c.What),
			line(c.Before.Told), line(c.Now.Told), said(c.Before), said(c.Now))
	}
	w.WriteString(guardCost)
	return w.String()
}

// ceiling is where a verdict is so sure that more says nothing.
const ceiling = 0.985

// sureness compares the two verdicts; half a percent is rounding.
func (c GuardComparison) sureness() string {
	more := c.Now.Confidence - c.Before.Confidence
	switch {
	case c.Before.Confidence >= ceiling && c.Now.Confidence >= ceiling:
		return "ceiling"
	case more > 0.005:
		return "surer"
	case more < -0.005:
		return "less"
	}
	return "equal"
}

// guardCost is what was measured by hand; the commands stand beside the figures.
const guardCost = `
## What it costs a healthy service

Measured on 2026-11-27 at rest on 2 cores of a virtual machine about half as fast as the one that gave the instructions' figures
(and 13.3 ms for what here takes 27.2 ms), Python 3.11.2, FastAPI 0.92, uvicorn 0.17.6. The control is the same service without
the guard once more: what it differs by is the machine's noise, not the guard. In brackets the middle half of the 6 sittings,
each with servers started anew.

| what | without | with | control | how |
| --- | --- | --- | --- | --- |
| requests a second | 1 | × 0.998 (0.986 to 1.002) | × 1.020 (1.005 to 1.023) | ` + "`docs/measure/guard.sh 6 8 400`" + ` |
| CPU of a request that logs a record | 426 µs | × 1.013 (0.997 to 1.022) | × 0.989 (0.983 to 1.003) | the same |
| instructions of that request in process, the guard's thread stopped | 265,900 | + 2,150 (0.8 %) | | callgrind, 400 requests less 0 |
| instructions of a log record to a file | 57,210 | + 2,460 (4.3 %) | | callgrind, 1,000 records less 0 |
| CPU while idle, a second | 2.75 ms | 4.03 ms | | ` + "`docs/measure/guard.sh 6 8 400`" + ` |
| import after uvicorn, with its ` + "`.pyc`" + ` | | 2.7 ms | | the same, CPU; 25.3 ms alone, nearly all of it Python's own modules, which every server has |
| import after uvicorn, compiled each time | | 27.2 ms | | the same; 46.9 ms alone |
| memory (RssAnon), with its ` + "`.pyc`" + ` | 21.92 MiB | + 0.40 MiB | | the same; of a service that has 2,600 lines of its own 22.26 MiB + 0.41 MiB |
| memory (RssAnon), compiled each time | 21.91 MiB | + 2.37 MiB | | the same; what the compiler leaves behind: of a service that has 2,600 lines of its own to compile, too, 26.41 MiB + 0.72 MiB |
| ` + "`docker stop`" + `, code 0 | 380 to 411 ms | 317 to 402 ms | | the same, five each |

What has the ` + "`.pyc`" + ` there: ` + "`RUN python3 -m compileall -q gateway_guard.py`" + `.
Python reads it also where ` + "`PYTHONDONTWRITEBYTECODE=1`" + ` is set, as many images have it. Without it
the import costs more than the 20 ms and 2 MiB that the guard may: compiling the file takes 74.7 million instructions (callgrind, Python
3.11), of which the types of arguments and results are 6.5 and the docstrings 3.4; the rest is what it does. A part of the file
costs less: ` + "`--framework plain`" + ` 64.1, ` + "`--framework celery`" + ` 65.6, ` + "`--framework fastapi`" + ` 72.2,
` + "`--only health,tasks`" + ` 36.8 million.

SIGTERM and SIGINT ended uvicorn, uvicorn with two workers, gunicorn (sync, gthread, UvicornWorker), hypercorn and a plain script with the
same exit codes with the guard and without. So did uvicorn with its descriptor 2 closed, on a full device, and on a full pipe that
nobody reads, under ` + "`python -O`" + ` and ` + "`-OO`" + `. By hand it was tried, too, with Python 3.14, FastAPI 0.162, Starlette 1.9, uvicorn 0.53
with uvloop 0.23 and gunicorn 26.2's own ASGI worker, as Debian's unstable has them: handlers that throw, answers that are cut,
starts that fail and hang were told, and uvicorn left with 3.
`

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// line is a line of a log in a cell, without its time and shortened.
func line(text string) string {
	if text == "" {
		return "*nothing*"
	}
	if _, after, ok := strings.Cut(text, "] gateway-guard "); ok {
		text = "gateway-guard " + after
	}
	const most = 220
	if short := []rune(text); len(short) > most {
		text = string(short[:most]) + "…"
	}
	return "`" + strings.NewReplacer("`", "'", "|", "\\|", "\n", " ").Replace(text) + "`"
}

func said(s GuardSeen) string {
	mark := ""
	if !s.Right {
		mark = " (wrong)"
	}
	return fmt.Sprintf("%s, %.0f %%%s", s.Verdict, s.Confidence*100, mark)
}
