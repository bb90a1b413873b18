package report

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Bounds of a message for a chat: what is longer nobody reads there.
const (
	chatLines = 6
	chatLine  = 300 // runes of one line
	chatTodo  = 120 // runes of what to do, in a line
)

// renderBrief writes at most six lines for a chat or an e-mail: what failed, why, and
// the first thing to do.
func renderBrief(w *bytes.Buffer, r answer.Report, _ Style) error {
	for _, line := range briefLines(plain(r)) {
		w.WriteString(line + "\n")
	}
	return nil
}

func briefLines(r answer.Report) []string {
	if len(r.Diagnoses) == 0 {
		return []string{"Nothing was diagnosed: no container was chosen, or none could be read."}
	}
	var lines []string
	if len(r.Diagnoses) > 1 {
		lines = append(lines, chatText(headcount(r), chatLine))
	}
	for _, c := range r.Chains {
		lines = append(lines, chatText("The chain: "+c.Summary, chatLine))
	}
	for _, d := range r.ByGravity() {
		if d.Failed() || len(r.Diagnoses) == 1 {
			lines = append(lines, briefly(r, d))
		}
	}
	if left := len(lines) - chatLines; left > 0 {
		lines = append(lines[:chatLines-1], "... and "+words.Count(left+1, "more line")+" in the report")
	}
	return lines
}

// headcount says how many failed of how many.
func headcount(r answer.Report) string {
	failed := 0
	for _, d := range r.Diagnoses {
		if d.Failed() {
			failed++
		}
	}
	return fmt.Sprintf("%d of %s failed", failed, words.Count(len(r.Diagnoses), "container"))
}

// briefly is one container in one line.
func briefly(r answer.Report, d answer.Diagnosis) string {
	text := d.Target.Name + ": " + verdictWord(d.Verdict) + ": " + oneSentence(r, d)
	if d.Verdict.Confidence > 0 {
		text += " (" + likelihood(d.Verdict.Confidence) + ", " + percent(d.Verdict.Confidence) + ")"
	}
	line := chatText(text, chatLine-chatTodo)
	if todo := firstStep(d); todo != "" {
		line += ". To do: " + chatText(todo, chatTodo)
	}
	return line
}

// firstStep is what to do first: the command of the first aid where it fits whole, else what the
// first advice is called; "" = there is nothing to do.
func firstStep(d answer.Diagnosis) string {
	for _, a := range d.Advice {
		if a.When == answer.AdviceNow && a.Command != "" && utf8.RuneCountInString(a.Command) <= chatTodo {
			return a.Command
		}
	}
	if len(d.Advice) > 0 {
		return adviceTitle(d.Advice[0])
	}
	if fixes := fixesOf(d); len(fixes) > 0 {
		return fixes[0].Title
	}
	return ""
}

// chatText makes one line of a clean text.
func chatText(s string, most int) string { return clipped(strings.Join(strings.Fields(s), " "), most) }

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
func renderSlack(w *bytes.Buffer, r answer.Report, _ Style) error {
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
