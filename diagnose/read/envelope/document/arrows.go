package document

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/jsontext"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
)

// arrows rewrites hashes as Ruby prints them as JSON: Fluent Bit's and Fluentd's stdout, Logstash's rubydebug.
//
//	{"log"=>"Worker (pid:7) was sent SIGKILL!", "stream"=>"stderr"}
//	{
//	       "message" => "Worker (pid:7) was sent SIGKILL!",
//	    "@timestamp" => 2026-11-25T14:02:11.000Z
//	}
type arrows struct {
	inString, escaped bool
	bare              []byte // a word outside of the strings
}

// maxBare is how long a time is at most.
const maxBare = 40

// maxKey is how long the name of a member is at most.
const maxKey = 256

// isArrowed tells whether b begins with such a hash.
func isArrowed(b []byte) bool {
	if len(b) == 0 || b[0] != '{' {
		return false
	}
	b = bytes.TrimLeft(b[1:], " \t\r\n")
	if len(b) == 0 || b[0] != '"' {
		return false
	}
	end := jsontext.StringEnd(b[:min(len(b), maxKey)])
	return end > 0 && bytes.HasPrefix(bytes.TrimLeft(b[end:], " "), []byte("=>"))
}

// AppendHash appends a hash as Ruby prints it, which text begins with, as JSON, and tells whether there is one.
func AppendHash(to, text []byte) ([]byte, bool) {
	if !isArrowed(text) {
		return to, false
	}
	var a arrows
	return a.End(a.Feed(to, text)), true
}

func (a *arrows) Feed(out, in []byte) []byte {
	for _, c := range in {
		switch {
		case a.inString:
			out = append(out, c)
			a.inString = a.escaped || c != '"'
			a.escaped = !a.escaped && c == '\\'
		case len(a.bare) < maxBare && (lex.IsWord(c) || c == '-' || c == '+' || c == '.' || c == ':' || c == '=' || c == '>'):
			a.bare = append(a.bare, c)
		default:
			out = append(a.word(out), c)
			a.inString = c == '"'
		}
	}
	return out
}

// word gives out a word that ended, with the arrow before it.
func (a *arrows) word(out []byte) []byte {
	word := a.bare
	if rest, ok := bytes.CutPrefix(word, []byte("=>")); ok {
		out, word = append(out, ':'), rest
	}
	switch {
	case string(word) == "nil":
		out = append(out, "null"...)
	case len(word) > 10 && word[4] == '-' && word[10] == 'T':
		out = append(append(append(out, '"'), word...), '"')
	default:
		out = append(out, word...)
	}
	a.bare = a.bare[:0]
	return out
}

func (a *arrows) End(out []byte) []byte { return a.word(out) }
