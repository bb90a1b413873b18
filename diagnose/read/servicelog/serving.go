package servicelog

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/excerpt"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
)

// servingWords are those of a program that says that it has come up and serves, whatever it is written in. A word alone
// must end the line: what somebody serves "from" or listens "to" may be a setting.
var servingWords = lazyregexp.New(`(?i)\b(?:(?:now )?(?:serving|listening)(?: (?:on|at|for)\b|[.!]?$)|` +
	`accepting (?:connections|requests)|ready (?:to (?:accept|serve|handle|process)|for (?:connections|requests|jobs))|` +
	`(?:server|service|api|app|application|gateway|worker|consumer) (?:is |has )?(?:(?:now )?(?:running|up|ready|listening)|started)\b|` +
	`(?:running|started|up) (?:on|at) (?:https?://|port |\S*:\d+)|` +
	`waiting for (?:messages|jobs|tasks|connections|requests)\b)`)

// serverWords are those of one that is about to.
var serverWords = lazyregexp.New(`(?i)\b(?:start(?:ing|ed)?|launch(?:ing|ed)?|boot(?:ing|ed)?) (?:up )?(?:the )?` +
	`(?:\w+ )?(?:server|daemon)\b`)

const (
	// servingLines is how much a program prints at most before it says that it serves.
	servingLines = 500
	// workTime and workLines are for how long, and how often, a line must have come to be of the work that a program does
	// after its start.
	workTime  = 8 * time.Second
	workLines = 3
)

// server notes the words by which an unknown program says that it is a server. A known one has words of its own.
func (s *runScan) server(p prefix.Line, l *logical) {
	if s.run.Lines > servingLines || p.Level > prefix.Low || s.run.Serving != nil && s.serving {
		return
	}
	serving := servingWords().Match(p.Msg)
	if !serving && (s.run.Serving != nil || !serverWords().Match(p.Msg)) {
		return
	}
	line := Line{Number: l.number, At: instant(l.at, l.timed), Stream: l.stream.String(),
		Text: excerpt.Line(l.text), Quoted: l.shipped}
	if line.Quoted || serving && leaves(line.Text) {
		return
	}
	s.run.Serving, s.serving = &line, serving
}

// leaves tells whether a line speaks of an end or of a failure: "stopped listening on", "cannot start server".
func leaves(text string) bool {
	return failWords().MatchString(text) || gravityOf(text) > Plain
}

var failWords = lazyregexp.New(`(?i)\b(?:stop(?:ped|ping)?|no longer|not|fail(?:s|ed|ing)?|cannot|could not|can't|unable|` +
	`clos(?:ed|ing)|shut(?:ting)?|refused|retrying)\b`)

// working tells whether a line of work has come again and again for longer than starts take.
func (ts *templates) working() bool {
	for _, t := range ts.byHash {
		if t.n >= workLines && time.Duration(t.last-t.first) >= workTime && !Struggles(string(t.text)) {
			return true
		}
	}
	return false
}

// worked tells whether a program, however young, has done one and the same piece of work several times, which is no
// part of a start: polls, jobs, requests.
func (ts *templates) worked() bool {
	for _, t := range ts.byHash {
		if t.n >= workedTimes && !Struggles(string(t.text)) && !startWords().Match(t.text) {
			return true
		}
	}
	return false
}

// workedTimes is how often such a line must have come.
const workedTimes = 5

// startWords are those of what programs do again and again before they begin their work.
var startWords = lazyregexp.New(`(?i)(?:load|import|start|boot|init|connect|migrat|regist|open|read|creat|check|install|` +
	`download|fetch|prepar|setup|set up|warm|build|compil|config|plugin|modul|appl(?:y|ied)|subscri|progress|step|%)`)

var doneWords = lazyregexp.New(`(?i)\b(?:nothing (?:left|more|to do)|no more\b|idle\b|scal(?:ing|ed) (?:down|to zero)|` +
	`all (?:\w+ )?(?:done|processed|finished)|(?:queue|backlog|inbox) (?:is )?(?:empty|drained)|` +
	`(?:limit|max\w*) (?:\S+ ){0,4}reached|` +
	`(?:work|jobs?|batch|run|tasks?|import|export|migration|backup) (?:is |are |has |have )?(?:done|finished|completed?))\b`)

// HasDone tells whether a line says that there is no more for the program to do: a reason of its own to leave.
func HasDone(text string) bool { return doneWords().MatchString(text) && gravityOf(text) == Plain }
