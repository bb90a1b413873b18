package redact

import (
	"bytes"
	"slices"
	"strings"
)

func shellLiterals() []literal {
	list := pipedLiterals()
	for _, t := range tools {
		list = append(list, literal{t.name, toolRule})
	}
	return list
}

// toolsBy are the tools by the first two letters of their names, the longer name first.
var toolsBy = func() map[string][]tool {
	by := map[string][]tool{}
	for _, t := range tools {
		by[t.name[:2]] = append(by[t.name[:2]], t)
	}
	for _, list := range by {
		slices.SortStableFunc(list, func(a, b tool) int { return len(b.name) - len(a.name) })
	}
	return by
}()

// findTool returns the tool that a command's first word or path names. A name that
// ends in a blank is the whole word.
func findTool(word string) (tool, bool) {
	word = word[strings.LastIndexByte(word, '/')+1:]
	if len(word) < 2 {
		return tool{}, false
	}
	for _, t := range toolsBy[word[:2]] {
		name, whole := strings.CutSuffix(t.name, " ")
		if strings.HasPrefix(word, name) && (!whole || word == name) {
			return t, true
		}
	}
	return tool{}, false
}

// toolRule reads the words of a command line from the tool's name on. Each word is
// read once: a tool in the arguments of another takes over.
func toolRule(p *pass, at, n int) int {
	first, end := p.word(at)
	if at < p.shellEnd || !p.startsWord(at) || end >= p.end {
		return at
	}
	t, ok := findTool(string(p.text[first:min(end, first+maxKey)]))
	if !ok {
		return at
	}
	if g := p.before(at); isQuote(g.c) && p.at(end) == g { // ["redis-cli", …]
		end += g.n
	}
	p.shellEnd = p.command(t, end)
	return at
}

// maxWords bounds a command line.
const maxWords = 4096

// command reads words from i on, up to the end of the command, and masks the secrets
// among them.
func (p *pass) command(t tool, i int) int {
	c := commandLine{tool: t}
	for range maxWords {
		i = p.skipWordBreak(i)
		v, end := p.word(i)
		open := p.at(min(i, max(p.end-1, 0)))
		if end <= v || oneOf(p.text[v], ";|&") {
			return max(i, end)
		}
		if c.wants() && v < p.end && isQuote(p.at(i).c) && v == i {
			v = i + p.at(i).n
			end = p.quotedEnd(v, min(p.end, v+maxWord), p.at(i))
		}
		word := string(p.text[v:min(end, v+maxValue)])
		from, hide := c.next(word)
		if hide && !isReference(p.text[v+from:end]) && from < end-v {
			p.mask(v+from, end, KindArgument)
		}
		i = max(end, i+1)
		if isQuote(open.c) && v > 0 && i < p.end && p.at(i).c == open.c { // its closing quote
			i += p.at(i).n
		}
	}
	return i
}

// commandLine follows the words of one command.
type commandLine struct {
	tool  tool
	flag  string // the word before
	count int    // words up to a secret by place; 0 = none is due
	place int    // words so far that are no flags
	done  bool   // the word that `after` names was met
}

// wants tells whether the next word is a secret as it stands.
func (c *commandLine) wants() bool {
	return slices.Contains(c.tool.apart, c.flag) || slices.Contains(c.tool.pair, c.flag) || c.count == 1 ||
		slices.Contains(c.tool.attached, c.flag) || slices.Contains(c.tool.places, c.place+1)
}

// next tells from which byte on a word is secret, and goes on to it.
func (c *commandLine) next(word string) (from int, hide bool) {
	from, hide = c.secretIn(word)
	if t, ok := findTool(word); ok && !hide && c.count == 0 {
		c.tool, c.count, c.place, c.done = t, 0, 0, false
		c.flag = word
		return from, hide
	}
	if !strings.HasPrefix(word, "-") {
		c.place++
	}
	if due, ok := c.tool.isAfter(word); ok {
		c.done, c.count = true, due
	} else if c.count > 0 && !strings.HasPrefix(word, "-") {
		c.count--
	}
	c.flag = word[:min(len(word), 24)]
	return from, hide
}

func (c *commandLine) secretIn(word string) (from int, hide bool) {
	t := c.tool
	switch {
	case t.count > 0:
		return 0, c.count >= 1 && c.count <= max(1, t.last) && !strings.HasPrefix(word, "-") && !isProse([]byte(word))
	case len(t.places) > 0 && !strings.HasPrefix(word, "-") && slices.Contains(t.places, c.place+1):
		return 0, !isProse([]byte(word))
	}
	if len(t.after) > 0 && !c.done {
		return 0, false
	}
	return t.secretIn(c.flag, word)
}

// isAfter tells whether a secret by place follows the word, and as which word: htpasswd's flags may stand in one
// cluster, of which -n prints and takes no file.
func (t tool) isAfter(word string) (count int, ok bool) {
	if slices.Contains(t.after, word) {
		return t.count, true
	}
	if t.cluster == "" || !isCluster(word) || !strings.Contains(word, t.cluster) {
		return 0, false
	}
	if strings.Contains(word, "n") {
		return t.count - 1, true
	}
	return t.count, true
}

// isCluster tells several flags of one letter in one word: -fsSu.
func isCluster(word string) bool {
	if len(word) < 2 || len(word) > 8 || word[0] != '-' {
		return false
	}
	for _, c := range []byte(word[1:]) {
		if !isLower(c) && !isUpper(c) {
			return false
		}
	}
	return true
}

// takes tells whether the flag is one of those listed, also as the last of a cluster of letters.
func (t tool) takes(flags []string, flag string) bool {
	if slices.Contains(flags, flag) {
		return true
	}
	return t.clusters && isCluster(flag) && slices.Contains(flags, "-"+flag[len(flag)-1:])
}

// secretIn tells from which byte on a word is secret, given the word before it.
func (t tool) secretIn(before, word string) (from int, ok bool) {
	switch {
	case t.takes(t.pair, before), len(t.pair) == 1 && t.pair[0] == "":
		return t.half(word)
	case t.takes(t.apart, before) && !strings.HasPrefix(word, "-"):
		if passSource[word[:strings.IndexByte(word, ':')+1]] { // openssl's pass:x, env:NAME, file:PATH
			return len("pass:"), strings.HasPrefix(word, "pass:")
		}
		return 0, word != ""
	}
	for _, flag := range t.attached {
		if len(word) <= len(flag) || !strings.HasPrefix(word, flag) {
			continue
		}
		if len(t.pair) > 0 {
			return t.half(word)
		}
		return len(flag), true
	}
	for _, flag := range t.pair {
		if n := len(flag); n > 0 && len(word) > n && word[n] == '=' && word[:n] == flag {
			from, ok := t.half(word[n+1:])
			return n + 1 + from, ok
		}
	}
	return 0, false
}

// passSource begins an argument of openssl that says where the password is.
var passSource = words(`pass: env: file: fd:`)

// half is the password of user:password.
func (t tool) half(word string) (from int, ok bool) {
	colon := t.colon
	if colon == "" {
		colon = ":"
	}
	user, password, two := strings.Cut(word, colon)
	if colon == "/" { // scott/tiger@db
		password, _, _ = strings.Cut(password, "@")
		two = two && user != "" && isName([]byte(user)) && !strings.HasSuffix(password, ".sql")
	}
	at := strings.Index(word, colon) + len(colon)
	return at, two && password != "" && !strings.HasPrefix(password, "//")
}

// maxWord is the longest word of a command line that is looked at, in bytes.
const maxWord = 1 << 10

// skipWordBreak steps over what parts the words of a command line, also as a list of
// quoted words. A quote is entered, so that the words in sh -c '…' are read, too.
func (p *pass) skipWordBreak(i int) int {
	for n := 0; i < p.end && n < maxBlanks; n++ {
		g := p.at(i)
		switch {
		case isBlank(g.c), g.c == ',', g.c == '[', g.c == ']':
		case g.c == 'a' && p.auditWord(i) > 0:
			i += p.auditWord(i)
			continue
		case isQuote(g.c) && i+g.n < p.end && !isBlank(p.text[i+g.n]) && !p.quotesBlank(i, g):
			return i
		case isQuote(g.c):
		default:
			return i
		}
		i += g.n
	}
	return i
}

// auditWord is the length of what the audit log puts before the words of a command: a1="x".
func (p *pass) auditWord(i int) int {
	n := 1
	for n < 4 && i+n < p.end && isDigit(p.text[i+n]) {
		n++
	}
	if n == 1 || !p.hasAt(i+n, `="`) || i > p.start && isAlnum(p.text[i-1]) {
		return 0
	}
	return n + 1
}

// quotesBlank tells whether the quoted word at i holds several words.
func (p *pass) quotesBlank(i int, g glyph) bool {
	end := p.quotedEnd(i+g.n, min(p.end, i+g.n+maxValue), g)
	return bytes.IndexByte(p.text[i+g.n:end], ' ') >= 0
}

// word returns the next word of a command line, without the quotes around it.
func (p *pass) word(i int) (v, end int) {
	if i >= p.end {
		return i, i
	}
	if g := p.at(i); isQuote(g.c) {
		v = i + g.n
		return v, p.quotedEnd(v, min(p.end, v+maxWord), g)
	}
	end = i
	limit := min(p.end, i+maxWord)
	for end < limit && !isSpace(p.text[end]) {
		if g := p.at(end); isQuote(g.c) && end > i {
			if p.text[end-1] != '=' && !p.isGlued(i, end) {
				break
			}
			end = min(p.quotedEnd(end+g.n, limit, g)+g.n, limit)
			break
		} else if g.c == '\n' || p.text[end] == ';' && end > i {
			break
		}
		end++
	}
	p.m.work += end - i
	return i, end
}

// isGlued tells a quoted text that belongs to a flag: -p'x'.
func (p *pass) isGlued(i, quote int) bool { return p.text[i] == '-' && quote-i == 2 }
