// Package page is what the rules about secrets read and mark: a text, its glyphs and lines, and a pen.
package page

import (
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
)

// Kinds of secrets, as a mask's kind counts them.
const (
	KindEnvironment = "environment"  // value of a variable in an Env list
	KindURL         = "url-userinfo" // scheme://user:password@
	KindKeyValue    = "key-value"    // password=…, "api_key": "…"
	KindHeader      = "header"       // Authorization, Cookie
	KindArgument    = "argument"     // --password …, redis-cli -a …
	KindToken       = "token"        // known by its shape: JWT, AKIA…, ghp_…
	KindPrivateKey  = "private-key"  // PEM block
	KindRepeated    = "repeated"     // a secret of an Env list or argument, met again elsewhere
)

// Page is a text that rules go over, once.
type Page struct {
	glyph.Reader
	Mask       func(start, end int, kind string) // hides Text[start:end]
	Class      func(name []byte) keyname.Class   // what a name promises
	CommandEnd int                               // up to where the words of command lines were read
	BoundEnd   int                               // … lists of the values that placeholders stand for
}

// Rule looks at the literal at Text[at:at+n]. It masks, and returns where to go on: at or before = it has found
// nothing, and the next rule may look.
type Rule func(p *Page, at, n int) int

// Literal is a text that a rule wants to look at, in lower case and matched in any case; it has three bytes or more.
type Literal struct {
	Text string
	Rule Rule
}
