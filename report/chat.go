package report

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// Bounds of a message for a chat: what is longer nobody reads there.
const (
	chatLines = 6
	chatLine  = 300 // columns of one line
)

// renderBrief writes at most six lines for a chat or an e-mail: what failed, when, why, and what to do.
func renderBrief(w *bytes.Buffer, r answer.Report, _ layout.Style) error {
	for _, line := range briefLines(plain(r)) {
		w.WriteString(line + "\n")
	}
	return nil
}

func briefLines(r answer.Report) []string {
	switch list := r.ByGravity(); len(list) {
	case 0:
		return []string{"Nothing was diagnosed: no container was chosen, or none could be read."}
	case 1:
		return append([]string{briefly(r, list[0])}, append(todo(list), proof(list[0])...)...)
	default:
		lines := happened(r, list)
		do := todo(list)
		if left := len(lines) + 1 + len(do) - chatLines; left > 0 {
			lines = append(lines[:len(lines)-left-1], "... and "+words.Count(left+1, "more failure")+" in the report")
		}
		return append(append([]string{headcount(r)}, lines...), do...)
	}
}

// headcount says how many failed of how many, of which project, and when.
func headcount(r answer.Report) string {
	failed, of, unit := 0, projectOf(r.Diagnoses), "service"
	for _, d := range r.Diagnoses {
		if d.Failed() {
			failed++
		}
	}
	if of == "" {
		unit = "container"
	} else {
		of = chatText(of, layout.MaxName) + ": "
	}
	text := fmt.Sprintf("%s%d of %s failed", of, failed, words.Count(len(r.Diagnoses), unit))
	if !r.GeneratedAt.IsZero() {
		text += ", as of " + layout.Stamp(r.GeneratedAt)
	}
	return text
}

// happened are the chains, and what failed by itself: a line each.
func happened(r answer.Report, list []answer.Diagnosis) (lines []string) {
	for _, c := range r.Chains {
		text := c.Summary
		if len(c.Links) > 0 && len(c.Links[0].Steps) > 0 {
			first := c.Links[0]
			text += fmt.Sprintf("; %s at %s: %s", first.Name(), layout.Stamp(first.At), first.Steps[0].What)
		}
		lines = append(lines, chatText("The chain: "+text, chatLine))
	}
	for _, d := range list {
		if d.Failed() && !explained(r, d) {
			lines = append(lines, briefly(r, d))
		}
	}
	return lines
}

// briefly is one container in one line: who, how and since when it stands, and why.
func briefly(r answer.Report, d answer.Diagnosis) string {
	who := d.Target.Name
	if d.Target.Project != "" {
		who += " of " + d.Target.Project
	}
	sure := ""
	if d.Verdict.Confidence > 0 {
		sure = " (" + likelihood(d.Verdict.Confidence) + ", " + percent(d.Verdict.Confidence) + ")"
	}
	d.Verdict.Summary = unsaid(d.Verdict.Summary)
	text := fmt.Sprintf("%s, %s: %s: %s", who, since(d), verdictWord(d.Verdict), oneSentence(r, d))
	return chatText(text, chatLine-layout.Cells(sure)) + sure
}

// since tells how a container stands, and from when on.
func since(d answer.Diagnosis) string {
	switch {
	case d.Death.At != nil && d.Death.Restarted:
		return "ended " + layout.Stamp(*d.Death.At) + " and runs again"
	case d.Death.At != nil:
		return "ended " + layout.Stamp(*d.Death.At)
	case d.Lanes.Unhealthy != nil && d.Lanes.UnhealthyEarlier:
		return "unhealthy since before " + layout.Stamp(*d.Lanes.Unhealthy)
	case d.Lanes.Unhealthy != nil:
		return "unhealthy since " + layout.Stamp(*d.Lanes.Unhealthy)
	case !d.CapturedAt.IsZero():
		return strings.ReplaceAll(d.Death.State, "-", " ") + " at " + layout.Stamp(d.CapturedAt)
	}
	return strings.ReplaceAll(d.Death.State, "-", " ")
}

// todo is the first thing to do now, with its command where it fits whole, and the first change.
func todo(list []answer.Diagnosis) (lines []string) {
	steps, _ := stepsOf(list)
	last := ""
	for _, s := range steps {
		if s.When == last {
			continue
		}
		last = s.When
		label, text := "Then: ", adviceTitle(s.Advice)
		if s.When == answer.AdviceNow {
			label = "Now: "
		}
		switch {
		case s.Command != "" && layout.Cells(s.Command) <= chatLine:
			text = s.Command
		case len(list) > 1:
			text = s.Whom() + ": " + text
		}
		lines = append(lines, label+chatText(text, chatLine))
	}
	return lines
}

// proof is the weightiest fact for the verdict that its sentence has not told.
func proof(d answer.Diagnosis) []string {
	for _, e := range ranked(d) {
		if e.ID != d.Verdict.Reason() {
			continue
		}
		for _, f := range e.Findings {
			if f.Counted && f.Says == fact.SaysFor && !strings.Contains(d.Verdict.Summary, f.Summary) {
				return []string{chatText("Seen: "+f.Source+": "+f.Summary, chatLine)}
			}
		}
	}
	return nil
}

// chatText makes one line of a clean text, cut at a word's end.
func chatText(s string, most int) string {
	return layout.Clip(strings.Join(strings.Fields(s), " "), most)
}

// A message of Slack's Block Kit, the part that a webhook takes:
// https://docs.slack.dev/reference/block-kit/blocks
type (
	slackMessage struct {
		Text   string       `json:"text"` // of the notification
		Blocks []slackBlock `json:"blocks"`
	}
	slackBlock struct {
		Type string    `json:"type"`
		Text slackText `json:"text"`
	}
	slackText struct {
		Type  string `json:"type"`
		Text  string `json:"text"`
		Emoji bool   `json:"emoji"`
	}
)

// slackHeader is the most runes that Slack takes in a header.
const slackHeader = 150

// renderSlack writes the brief text as a message for a Slack webhook. Texts of
// strangers are plain_text, in which nothing formats, links or mentions anybody.
func renderSlack(w *bytes.Buffer, r answer.Report, _ layout.Style) error {
	lines := briefLines(plain(r))
	message := slackMessage{
		Text:   slackEscapes.Replace(lines[0]),
		Blocks: []slackBlock{{"header", slackPlain(clipped(lines[0], slackHeader-1))}},
	}
	for i, line := range lines {
		if i > 0 || len([]rune(line)) >= slackHeader {
			message.Blocks = append(message.Blocks, slackBlock{"section", slackPlain(line)})
		}
	}
	return Document(w, message)
}

func slackPlain(text string) slackText { return slackText{Type: "plain_text", Text: text} }

// slackEscapes are the three characters that Slack asks to be written so; without "<"
// there is no link and no mention.
var slackEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
