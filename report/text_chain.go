package report

import (
	"fmt"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// chains writes how trouble went from one service to the next, the first domino on
// top.
func (p *page) chains(list []answer.Chain) {
	for _, c := range list {
		p.heading("The chain: " + c.Summary)
		for i, l := range c.Links {
			p.link(l, i > 0)
		}
	}
}

func (p *page) link(l answer.Link, later bool) {
	const margin = 14
	word, hue := roleWord(l.Role), p.unsure
	if l.Role == answer.RoleFirst {
		hue = p.bad
	}
	when := stamp(l.At)
	if later {
		when = "+" + words.Seconds(l.AfterSeconds) + ", " + when
	}
	p.para(margin, span{word, hue}, span{l.Name(), p.title}, p.dimmed(when))
	for _, s := range l.Steps {
		p.para(margin+13, p.dimmed(strings.Repeat(" ", margin)+s.At.UTC().Format(clockTime)), p.text(s.What),
			p.dimmed("["+s.Source+"]"))
	}
	for _, b := range l.Because {
		p.para(margin, p.text(""), p.text(tieWords(b)))
		if b.PeerError != nil {
			p.quote(margin, b.PeerError.Excerpt)
		}
	}
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

// tieWords says what ties a container to one that fell before it.
func tieWords(b answer.Because) string {
	if b.PeerError == nil {
		return "its compose file says that it needs " + b.Container + "; nothing that it said names it, so this is a guess"
	}
	return fmt.Sprintf("its own %s complained of %s, which is %s, at %s (%s)", b.PeerError.Source,
		b.PeerError.Peer(), b.Container,
		b.PeerError.At.UTC().Format(clockTime), words.Times(b.PeerError.Count))
}
