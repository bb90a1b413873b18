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

// toolsBy are the tools by the first two letters of their names, the longer name first. Each word of a command line is
// looked for here.
var toolsBy = func() (by [1 << 10][]*tool) {
	for i := range tools {
		n := twoLetters(tools[i].name)
		by[n] = append(by[n], &tools[i])
	}
	for _, list := range by {
		slices.SortStableFunc(list, func(a, b *tool) int { return len(b.name) - len(a.name) })
	}
	return by
}()

// twoLetters tells letters apart that names begin with; others may look like them.
func twoLetters[T string | []byte](word T) int { return int(word[0]&31)<<5 | int(word[1]&31) }

// findTool returns the tool that a command's first word or path names. A name that
// ends in a blank is the whole word.
func findTool(word []byte) (*tool, bool) {
	word = word[bytes.LastIndexByte(word, '/')+1:]
	if len(word) < 2 {
		return nil, false
	}
	for _, t := range toolsBy[twoLetters(word)] {
		name, whole := strings.CutSuffix(t.name, " ")
		if len(word) >= len(name) && string(word[:len(name)]) == name && (!whole || len(word) == len(name)) {
			return t, true
		}
	}
	return nil, false
}

// toolRule reads the words of a command line from the tool's name on. Each word is
// read once: a tool in the arguments of another takes over.
func toolRule(p *pass, at, n int) int {
	if at < p.shellEnd || !p.startsWord(at) {
		return at
	}
	first, end := p.word(at)
	if end >= p.end {
		return at
	}
	t, ok := findTool(p.text[first:min(end, first+maxKey)])
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
func (p *pass) command(t *tool, i int) int {
	c := commandLine{tool: t}
	for range maxWords {
		i = p.skipWordBreak(i)
		v, end := p.word(i)
		open := p.at(min(i, max(p.end-1, 0)))
		if end <= v || oneOf(p.text[v], ";|&") {
			return max(i, end)
		}
		from, hide := c.next(p.text[v:min(end, v+maxValue)])
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
	tool  *tool
	flag  []byte // the word before
	count int    // words up to a secret by place; 0 = none is due
	place int    // words so far that are no flags
	done  bool   // the word that `after` names was met
}

// isOneOf tells whether a word is one of a list.
func isOneOf(list []string, word []byte) bool {
	for _, s := range list {
		if string(word) == s {
			return true
		}
	}
	return false
}

// isFlag tells a flag from a word.
func isFlag(word []byte) bool { return len(word) > 0 && word[0] == '-' }

// next tells from which byte on a word is secret, and goes on to it.
func (c *commandLine) next(word []byte) (from int, hide bool) {
	from, hide = c.secretIn(word)
	if c.count == 0 && !hide {
		if t, ok := findTool(word); ok {
			*c = commandLine{tool: t, flag: word}
			return from, hide
		}
	}
	if !isFlag(word) {
		c.place++
	}
	if due, ok := c.tool.isAfter(word); ok {
		c.done, c.count = true, due
	} else if c.count > 0 && !isFlag(word) {
		c.count--
	}
	c.flag = word[:min(len(word), 24)]
	return from, hide
}

func (c *commandLine) secretIn(word []byte) (from int, hide bool) {
	t := c.tool
	switch {
	case t.count > 0:
		return 0, c.count >= 1 && c.count <= max(1, t.last) && !isFlag(word) && !isProse(word)
	case len(t.places) > 0 && !isFlag(word) && slices.Contains(t.places, c.place+1):
		return 0, !isProse(word)
	}
	if len(t.after) > 0 && !c.done {
		return 0, false
	}
	return t.secretIn(c.flag, word)
}

// isAfter tells whether a secret by place follows the word, and as which word: htpasswd's flags may stand in one
// cluster, of which -n prints and takes no file.
func (t *tool) isAfter(word []byte) (count int, ok bool) {
	if isOneOf(t.after, word) {
		return t.count, true
	}
	if t.cluster == "" || !isCluster(word) || !holds(word, t.cluster) {
		return 0, false
	}
	if holds(word, "n") {
		return t.count - 1, true
	}
	return t.count, true
}

// isCluster tells several flags of one letter in one word: -fsSu.
func isCluster(word []byte) bool {
	if len(word) < 2 || len(word) > 8 || word[0] != '-' {
		return false
	}
	for _, c := range word[1:] {
		if !isLower(c) && !isUpper(c) {
			return false
		}
	}
	return true
}

// takes tells whether the flag is one of those listed, also as the last of a cluster of letters.
func (t *tool) takes(flags []string, flag []byte) bool {
	if isOneOf(flags, flag) {
		return true
	}
	if !t.clusters || !isCluster(flag) {
		return false
	}
	last := [2]byte{'-', flag[len(flag)-1]}
	return isOneOf(flags, last[:])
}

// secretIn tells from which byte on a word is secret, given the word before it.
func (t *tool) secretIn(before, word []byte) (from int, ok bool) {
	switch {
	case t.takes(t.pair, before), len(t.pair) == 1 && t.pair[0] == "":
		return t.half(word)
	case !isFlag(word) && t.takes(t.apart, before):
		if passSource[string(word[:bytes.IndexByte(word, ':')+1])] { // openssl's pass:x, env:NAME, file:PATH
			return len("pass:"), bytes.HasPrefix(word, []byte("pass:"))
		}
		return 0, len(word) > 0
	}
	for _, flag := range t.attached {
		if len(word) <= len(flag) || string(word[:len(flag)]) != flag {
			continue
		}
		if len(t.pair) > 0 {
			return t.half(word)
		}
		return len(flag), true
	}
	for _, flag := range t.pair {
		if n := len(flag); n > 0 && len(word) > n && word[n] == '=' && string(word[:n]) == flag {
			from, ok := t.half(word[n+1:])
			return n + 1 + from, ok
		}
	}
	return 0, false
}

// passSource begins an argument of openssl that says where the password is.
var passSource = words(`pass: env: file: fd:`)

// half is the password of user:password.
func (t *tool) half(word []byte) (from int, ok bool) {
	colon := t.colon
	if colon == "" {
		colon = ":"
	}
	user, password, two := bytes.Cut(word, []byte(colon))
	if colon == "/" { // scott/tiger@db
		password, _, _ = bytes.Cut(password, []byte("@"))
		two = two && isName(user) && !bytes.HasSuffix(password, []byte(".sql"))
	}
	at := bytes.Index(word, []byte(colon)) + len(colon)
	return at, two && len(password) > 0 && !bytes.HasPrefix(password, []byte("//"))
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

// unsetPhrases are what a shell says of a variable that is not set: dash and busybox, zsh and ksh, bash.
var unsetPhrases = []string{"parameter not set", "parameter null or not set", "unbound variable"}

// isShellsComplaint tells whether what follows a variable's name is a shell's complaint that the variable is not set,
// which cannot hold its value: API_KEY: parameter not set. The message of ${API_KEY:?message} is free; it is known by
// the shell's name and line before it.
func (p *pass) isShellsComplaint(f *found) bool {
	said := p.text[f.v:min(p.end, f.v+maxWord)]
	for _, phrase := range unsetPhrases {
		if bytes.HasPrefix(said, []byte(phrase)) {
			return true
		}
	}
	first, rest, two := bytes.Cut(said, []byte(" "))
	second, _, _ := bytes.Cut(rest, []byte(" "))
	return two && isLowerWord(first) && isLowerWord(second) &&
		isShellsPlace(p.text[max(p.textStart(), f.left-maxWord):f.left])
}

// isLowerWord tells a word of small letters, as prose has.
func isLowerWord(word []byte) bool {
	return len(word) > 0 && len(bytes.Trim(word, "abcdefghijklmnopqrstuvwxyz")) == 0
}

// isShellsPlace tells the name of a shell or of its script, and a line, before a complaint: "sh: 1: ",
// "/app/start.sh: line 3: ".
func isShellsPlace(before []byte) bool {
	before, ok := bytes.CutSuffix(before, []byte(": "))
	name := bytes.TrimRight(before, "0123456789")
	if !ok || len(name) == len(before) {
		return false
	}
	name = bytes.TrimSuffix(name, []byte("line "))
	name, ok = bytes.CutSuffix(name, []byte(": "))
	return ok && bytes.HasSuffix(name, []byte("sh"))
}
