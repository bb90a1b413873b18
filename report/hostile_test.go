package report

import (
	"reflect"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
)

// poisons are what a stranger may put into a name or a log line to break out of a
// format, each with a mark that must still be readable in the report.
var poisons = []string{
	`</script></style></title><script>alert("MARK")</script><img src=x onerror=alert(1)>`,
	`"><svg onload=alert('MARK')><a href="javascript:alert(1)">MARK</a>`,
	`![MARK](https://evil.example/pixel.png) [MARK](https://evil.example) <https://evil.example/MARK>`,
	`::error title=x::MARK`, `##[error]MARK`, "MARK\n::error::MARK\n::set-output name=x::y",
	`| MARK | b |`, "MARK `code` ```\n# heading MARK\n```", "~~~\n- MARK", `**MARK** __MARK__ <b>MARK</b> &lt;MARK&gt;`,
	"@octocat #1 GH-1 www.evil.example https://evil.example/MARK octo@evil.example mailto:a@b.example MARK",
	"\x1b[31mMARK\x1b[0m\x07\u009b31m", "\u202eMARK\u202c\u2066\u200b\ufeff", "MARK]]>MARK<![CDATA[x",
	"MARK\x00\xff\xfe\ufffe\uffff",
	"%0A%3A MARK, a:b", `{{.}} {0} \MARK\`, "1. MARK", "# MARK", "- MARK", "    MARK", "MARK\r\nMARK\rMARK",
	"MARK\x1b]0;owned\a\nFAKE VERDICT MARK",
}

// hostileReport is a report with every text of it poisoned.
func hostileReport(poison string) answer.Report {
	r := chained()
	for i := range r.Diagnoses {
		d := &r.Diagnoses[i]
		d.Verdict.Summary = poison + d.Verdict.Summary
		d.Causes[0].Fixes = append([]answer.Fix{}, d.Causes[0].Fixes...)
		d.PeerErrors = []answer.PeerError{{Host: poison, At: end, LastAt: end, Count: 1, Source: poison, Excerpt: poison}}
		d.Target.ComposeFile = poison
		d.Lanes = sampleTracks()
	}
	return poisoned(reflect.ValueOf(r), poison).Interface().(answer.Report)
}

// kept are the fields that hold words of this program and no stranger's.
var kept = map[string]bool{"Kind": true, "Cause": true, "Says": true, "Role": true, "ExplainedBy": true,
	"EndedBy": true, "State": true, "Status": true, "Language": true, "Outcome": true}

func poisoned(v reflect.Value, poison string) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch v.Kind() {
	case reflect.String:
		out.SetString(poison + v.String())
	case reflect.Slice:
		if !v.IsNil() {
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				out.Index(i).Set(poisoned(v.Index(i), poison))
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !kept[f.Name] &&
				!(f.Name == "ID" && v.Type() == reflect.TypeFor[answer.Cause]()) {
				out.Field(i).Set(poisoned(v.Field(i), poison))
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(poisoned(v.Elem(), poison))
		}
	}
	return out
}

// sampleTracks has every track.
func sampleTracks() answer.Lanes {
	limit := int64(64 << 20)
	lines := make([]int, 120)
	lines[3], lines[40], lines[41] = 2, 50, 7
	return answer.Lanes{
		From: at(-100), To: at(5), Unhealthy: at(-8), MemoryLimit: &limit,
		Runs: []answer.LaneRun{{Start: at(-500), End: at(-400)},
			{Start: at(-90), End: &end, ExitCode: number(137), Examined: true}, {Start: at(0.4), Alive: true}},
		Probes: []answer.LaneProbe{
			{At: *at(-60), DurationMs: 40, Outcome: "pass"},
			{At: *at(-30), DurationMs: 5000, Outcome: "timeout", Failed: true},
			{At: *at(-15), DurationMs: 5000, Outcome: "timeout", Failed: true},
		},
		Memory: []answer.LaneMemory{{At: *at(-50), Bytes: 30 << 20, Source: "cgroup"},
			{At: *at(-0.1), Bytes: 64 << 20, Source: "kernel-log"}},
		Log: &answer.LaneLog{StepSeconds: 0.875, Lines: lines},
	}
}

// hugeReport has excerpts, log lines and fixes of 10 MB, on one line or on many.
func hugeReport() answer.Report {
	r := chained()
	for i, text := range []string{strings.Repeat("MARK<b>|`", 10<<20/9), strings.Repeat("MARK<b>|`\n", 10<<20/10)} {
		d := &r.Diagnoses[i]
		d.Causes[0].Findings[0].Excerpt, d.LogTail[0].Text, d.Causes[0].Fixes[0].Snippet, d.Verdict.Summary = text,
			text, text, text
		r.Chains[0].Links[1].Because[0].PeerError.Excerpt = text
	}
	return r
}
