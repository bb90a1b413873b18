package kernellog

import "bytes"

const (
	piecePatience = 256 // lines of other CPUs between two pieces of one record
	nameLines     = 16  // lines that a name of 15 newlines can take
)

// pending is a record that came without its end. The kernel builds some lines from
// several continuation prints; where another CPU prints in between, each piece
// becomes a record of its own with flag c and level warning:
//
//	6,2731,1800984,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)
//	4,2741,1801050,c;,cpuset=
//	4,2744,1801086,c;a6f31c0e…
//
// In text forms the flag is gone and the pieces are known by their shape. The
// same place joins the lines of a record whose process name holds a newline.
type pending struct {
	kind  class
	at    line
	text  []byte
	last  int // line of the last piece
	until int
	names int // lines joined by a newline
}

// torn keeps a message that lacks its end and tells whether it did.
func (s *Scanner) torn(c class, l *line, msg []byte) bool {
	if s.pending.kind != noClass && (c == oomKilled || c == oomInvoked || c == s.pending.kind) {
		s.flushPending()
	}
	if isWhole(c, msg) {
		return false
	}
	s.flushPending()
	at := *l
	at.msg, at.ident, at.bootID, at.esc = nil, nil, nil, escapeNone
	s.pending = pending{kind: c, at: at, text: bytes.Clone(msg), last: l.no, until: l.no + piecePatience}
	return true
}

// isWhole tells whether a message of class c has its end.
func isWhole(c class, msg []byte) bool {
	switch c {
	case oomConstraint:
		pid, uid := bytes.LastIndex(msg, []byte(",pid=")), bytes.LastIndex(msg, []byte(",uid="))
		return pid > 0 && uid > pid
	case oomKilled:
		k, whole := parseKill(msg)
		return whole || k == nil || !k.named // no kill line at all, or one without even a name
	case oomTask:
		_, _, whole := limitLine(msg)
		return whole
	case oomGroup:
		_, whole := groupLine(msg)
		return whole
	case oomStats:
		_, _, whole := statsLine(msg)
		return whole
	case troubleForks:
		return bytes.Contains(msg, []byte(" in /"))
	}
	return true
}

// piece adds a line to the pending record and tells whether it belonged to it.
func (s *Scanner) piece(l *line) bool {
	p := &s.pending
	if l.no > p.until {
		s.flushPending()
		return false
	}
	msg := decoded(l.msg, l.esc)
	switch {
	case p.wantsName(l, msg):
		if !p.isFolded(l) {
			p.text = append(p.text, '\n')
		}
		p.text = append(p.text, msg...)
		p.names++
	case p.wantsPiece(msg):
		if n := len(p.text); p.kind != oomConstraint && p.text[n-1] != ' ' && msg[0] == '/' {
			p.text = append(p.text, ' ') // a tool trimmed the line's end
		}
		p.text = append(p.text, msg...)
	default:
		return false
	}
	p.last, p.until = l.no, l.no+piecePatience
	if isWhole(p.kind, p.text) || len(p.text) > maxMessage {
		s.flushPending()
	}
	return true
}

// wantsName tells whether the record stopped inside a process name and the next line
// is the name's second half: together they are no longer than a name. The names stand
// in one piece with what ends them.
func (p *pending) wantsName(l *line, msg []byte) bool {
	if l.no != p.last+1 || p.names >= nameLines {
		return false
	}
	begin, end := -1, -1
	switch p.kind {
	case oomKilled:
		begin, end = bytes.Index(p.text, []byte(" (")), bytes.IndexByte(msg, ')')
		begin += len(" (")
	case oomConstraint:
		begin, end = bytes.LastIndex(p.text, []byte(",task=")), bytes.Index(msg, []byte(",pid="))
		begin += len(",task=")
	}
	if end < 0 {
		end = len(msg) // of the name's newlines there may be more
	}
	return begin >= len(" (") && len(p.text)-begin+end <= commLen
}

// isFolded tells whether a line goes on with the one before because a terminal or a
// mail broke it: a name's own newline gives an indented line, or one with a stamp.
func (p *pending) isFolded(l *line) bool {
	stamped := func(l *line) bool { return l.hasBoot || !l.wall.IsZero() || l.origin != fromUnknown }
	return stamped(&p.at) && !stamped(l) && !l.indent
}

// wantsPiece tells by its shape whether a message is the next piece.
func (p *pending) wantsPiece(msg []byte) bool {
	starts := func(texts ...string) bool {
		for _, t := range texts {
			if bytes.HasPrefix(msg, []byte(t)) {
				return true
			}
		}
		return false
	}
	switch p.kind {
	case oomConstraint:
		switch {
		case bytes.HasSuffix(p.text, []byte("cpuset=")):
			return len(msg) > 0 && len(msg) <= 255 && bytes.IndexByte(msg, ' ') < 0
		case bytes.HasSuffix(p.text, []byte("memcg=")):
			return starts("/")
		}
		return starts(",")
	case oomTask:
		return starts("/", " killed as", "killed as a result of limit")
	case oomGroup:
		return starts("/", " are going to be killed", "are going to be killed")
	case oomStats:
		return starts("/", ":")
	case troubleForks:
		return starts("/")
	}
	return false
}

// flushPending parses the pending record as far as it came.
func (s *Scanner) flushPending() {
	if s.pending.kind == noClass {
		return
	}
	p := s.pending
	s.pending = pending{}
	whole := p.text
	if p.kind == oomKilled && !isWhole(oomKilled, p.text) {
		p.text = cutKill(p.text)
	}
	if !s.hit(p.kind, &p.at, p.text) {
		s.missed.see(&p.at, whole, s.head.lines)
	}
}

// cutKill closes a kill line that the log's end cut off, so that the kill counts.
func cutKill(text []byte) []byte {
	if i := bytes.LastIndexByte(text, ')'); i >= 0 {
		return text[:i+1]
	}
	text, _, _ = bytes.Cut(text, []byte("\n"))
	return append(text[:len(text):len(text)], ')')
}
