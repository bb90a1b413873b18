package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// chains writes how trouble went from one service to the next, the first domino on
// top.
func (p *page) chains(list []answer.Chain) {
	for _, c := range list {
		p.Blank()
		nameWidth := 0
		for _, l := range c.Links {
			nameWidth = max(nameWidth, min(layout.Cells(sanitize.Clean(l.Name(), layout.MaxName)), p.Columns/4))
		}
		for _, l := range c.Links {
			p.link(l, c.Links[0], nameWidth)
		}
	}
}

// roleWidth is where the names of a chain begin.
const roleWidth = 9

// link writes one domino: its own fall, with the distance from the first one's, and what ties it to those above.
func (p *page) link(l, first answer.Link, nameWidth int) {
	hue := p.Unsure
	if l.Role == answer.RoleFirst {
		hue = p.Bad
	}
	margin := roleWidth + nameWidth + 2
	name := layout.Name(l.Name())
	p.Put(hue, fmt.Sprintf("%-*s", roleWidth, roleLabels[l.Role]))
	p.Put(p.Title, name)
	used := roleWidth + layout.Cells(name)
	if used > margin-2 || len(l.Steps) == 0 {
		p.Blank()
		used = 0
	}
	list := l.Steps
	if !p.Verbose {
		list = untied(l)
	}
	steps := p.stepTimes(list, l.Role, first)
	timeWidth := 0
	for _, t := range steps {
		timeWidth = max(timeWidth, layout.Cells(t))
	}
	for i, s := range list {
		p.Indent(margin - used)
		p.Put(p.Dim, steps[i])
		p.lines(margin+timeWidth+2, margin+layout.Cells(steps[i]), s.What)
		used = 0
	}
	for _, b := range l.Because {
		if p.Verbose || b.PeerError == nil {
			p.Para(margin, p.Text(""), p.Text(tieWords(b)))
		} else {
			said := sanitize.Clean(lastLine(b.PeerError.Excerpt), layout.MaxLiteral)
			p.Para(margin, p.Text(""), p.Text(fmt.Sprintf("its %s name %s %s:", b.PeerError.Source, b.PeerError.Peer(),
				words.Times(b.PeerError.Count))), p.Dimmed(layout.Clip(said, tieWidth)))
		}
		if p.Verbose && b.PeerError != nil {
			p.Quote(margin, lastLine(b.PeerError.Excerpt))
		}
	}
}

// tieWidth is how much of a complaint a chain quotes.
const tieWidth = 100

// untied are a link's steps without those that the ties below them say.
func untied(l answer.Link) []answer.Moment {
	return slices.DeleteFunc(slices.Clone(l.Steps), func(s answer.Moment) bool {
		return slices.ContainsFunc(l.Because, func(b answer.Because) bool {
			return b.PeerError != nil && s.What == "complained of "+b.PeerError.Peer()
		})
	})
}

// stepTimes are the times of a link's steps: of the first domino the clock, of the others
// the distance from it.
func (p *page) stepTimes(list []answer.Moment, role string, first answer.Link) (times []string) {
	for _, s := range list {
		if role == answer.RoleFirst {
			times = append(times, clock(s.At, first.At, p.Verbose))
		} else {
			times = append(times, relative(s.At.Sub(first.At)))
		}
	}
	return times
}

// lastLine is the last line of an excerpt that is not empty: of a traceback the one that
// names the error.
func lastLine(s string) string {
	s = strings.TrimRight(s, "\r\n ")
	return s[strings.LastIndexByte(s, '\n')+1:]
}

// roleWord is a link's place in the chain, in a word.
func roleWord(role string) string {
	switch role {
	case answer.RoleFirst:
		return "FIRST"
	case answer.RoleSuffered:
		return "SUFFERED"
	case answer.RolePossibly:
		return "POSSIBLY"
	}
	return "UNLINKED"
}

// roleLabels are the same in the margin of a text, below the first.
var roleLabels = map[string]string{
	answer.RoleFirst: "FIRST", answer.RoleSuffered: "then", answer.RolePossibly: "perhaps", answer.RoleUnlinked: "beside",
}

// tieWords says what ties a container to one that fell before it.
func tieWords(b answer.Because) string {
	if b.PeerError == nil {
		return "its compose file says that it needs " + b.Container + "; nothing that it said names it, so this is a guess"
	}
	return fmt.Sprintf("its own %s complained of %s, which is %s, at %s (%s)", b.PeerError.Source,
		b.PeerError.Peer(), b.Container,
		b.PeerError.At.UTC().Format(layout.ClockTime), words.Times(b.PeerError.Count))
}
