package redact

import (
	"bytes"
	"slices"
	"strings"
)

// tool is a program that takes a secret where no name tells it: behind a flag of one
// letter, or as an argument by its place.
type tool struct {
	name     string   // how it begins; with a blank at its end, all of it
	apart    []string // flags whose secret is the next word
	attached string   // flag whose secret is glued to it: mysql -pX
	pair     []string // flags whose next word is user:password
	colon    string   // what parts the two; "" = a colon
	after    []string // a word after which the secret is the last of `count` words
	count    int      // how many words follow, of which the last is the secret
	last     int      // how many of the last; 0 = one
}

// tools follows the manuals of the programs. Long flags that say what they take
// (--password) need no entry.
var tools = []tool{
	{name: "redis-cli", apart: []string{"-a"}},
	{name: "valkey-cli", apart: []string{"-a"}},
	{name: "keydb-cli", apart: []string{"-a"}},
	{name: "mysql", attached: "-p"},
	{name: "mariadb", attached: "-p"},
	{name: "mongo", apart: []string{"-p"}, attached: "-p"},
	{name: "sshpass", apart: []string{"-p"}, attached: "-p"},
	{name: "curl", pair: []string{"-u", "--user", "-U", "--proxy-user", "-E", "--cert"}, attached: "-u",
		apart: []string{"-b", "--cookie", "--oauth2-bearer"}},
	{name: "docker", after: []string{"login"}, apart: []string{"-p"}},
	{name: "podman", after: []string{"login"}, apart: []string{"-p"}},
	{name: "helm", after: []string{"login"}, apart: []string{"-p"}},
	{name: "twine", apart: []string{"-p"}},
	{name: "az ", after: []string{"login"}, apart: []string{"-p"}},
	{name: "mosquitto_", apart: []string{"-P"}},
	{name: "ldap", apart: []string{"-w", "-y"}, attached: "-w"},
	{name: "sqlcmd", apart: []string{"-P"}, attached: "-P"},
	{name: "bcp ", apart: []string{"-P"}, attached: "-P"},
	{name: "cqlsh", apart: []string{"-p"}},
	{name: "influx", apart: []string{"-password"}},
	{name: "rabbitmqctl", after: []string{"add_user", "change_password", "authenticate_user"}, count: 2},
	{name: "htpasswd", after: []string{"-b", "-nb", "-bc", "-cb", "-bB", "-Bb", "-nbB", "-bnB", "-Bbn"}, count: 3},
	{name: "openssl", apart: []string{"-k", "-K", "-passin", "-passout", "-pass"}},
	{name: "zip ", apart: []string{"-P", "--password"}},
	{name: "unzip", apart: []string{"-P"}},
	{name: "7z ", attached: "-p"},
	{name: "7za", attached: "-p"},
	{name: "smbclient", pair: []string{"-U", "--user"}, colon: "%"},
	{name: "rpcclient", pair: []string{"-U"}, colon: "%"},
	{name: "etcdctl", pair: []string{"--user", "-u"}},
	{name: "vault ", after: []string{"login"}, count: 1},
	{name: "aws ", after: []string{"aws_secret_access_key", "aws_session_token"}, count: 1},
	{name: "mc ", after: []string{"set"}, count: 4, last: 2},
	{name: "snmp", apart: []string{"-A", "-X", "-c"}},
	{name: "ipmitool", apart: []string{"-P"}},
	{name: "xfreerdp", attached: "/p:"},
	{name: "rclone", after: []string{"obscure"}, count: 1},
	{name: "sqlplus", pair: []string{""}, colon: "/"},
	{name: "poetry ", after: []string{"config"}, count: 3}, // config http-basic.NAME user password
}

func shellLiterals() []literal {
	list := []literal{{"chpasswd", chpasswdRule}, {"sudo -s", pipedRule}}
	for _, flag := range readsStdin {
		list = append(list, literal{flag, pipedRule})
	}
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
	done  bool   // the word that `after` names was met
}

// wants tells whether the next word is a secret as it stands.
func (c *commandLine) wants() bool {
	return slices.Contains(c.tool.apart, c.flag) || slices.Contains(c.tool.pair, c.flag) || c.count == 1 ||
		c.tool.attached != "" && c.flag == c.tool.attached
}

// next tells from which byte on a word is secret, and goes on to it.
func (c *commandLine) next(word string) (from int, hide bool) {
	from, hide = c.secretIn(word)
	if t, ok := findTool(word); ok && !hide && c.count == 0 {
		c.tool, c.count, c.done = t, 0, false
	}
	if slices.Contains(c.tool.after, word) {
		c.done, c.count = true, c.tool.count
	} else if c.count > 0 && !strings.HasPrefix(word, "-") {
		c.count--
	}
	c.flag = word[:min(len(word), 24)]
	return from, hide
}

func (c *commandLine) secretIn(word string) (from int, hide bool) {
	t := c.tool
	if t.count > 0 {
		return 0, c.count >= 1 && c.count <= max(1, t.last) && !strings.HasPrefix(word, "-")
	}
	if len(t.after) > 0 && !c.done {
		return 0, false
	}
	return t.secretIn(c.flag, word)
}

// secretIn tells from which byte on a word is secret, given the word before it.
func (t tool) secretIn(before, word string) (from int, ok bool) {
	switch {
	case slices.Contains(t.pair, before), len(t.pair) == 1 && t.pair[0] == "":
		return t.half(word)
	case slices.Contains(t.apart, before) && !strings.HasPrefix(word, "-"):
		if passSource[word[:strings.IndexByte(word, ':')+1]] { // openssl's pass:x, env:NAME, file:PATH
			return len("pass:"), strings.HasPrefix(word, "pass:")
		}
		return 0, word != ""
	case t.attached != "" && len(word) > len(t.attached) && strings.HasPrefix(word, t.attached):
		if len(t.pair) > 0 {
			return t.half(word)
		}
		return len(t.attached), true
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
	_, password, two := strings.Cut(word, colon)
	if colon == "/" { // scott/tiger@db
		password, _, _ = strings.Cut(password, "@")
		two = two && strings.Contains(word, "@")
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

// chpasswdRule masks user:password that is piped into chpasswd.
func chpasswdRule(p *pass, at, n int) int {
	line := p.text[max(p.textStart(), at-maxValue):at]
	pipe := bytes.LastIndexByte(line, '|')
	echo := bytes.LastIndex(line, []byte("echo "))
	if pipe < 0 || echo < 0 || echo > pipe {
		return at + n
	}
	from := at - len(line) + echo + len("echo ")
	words := p.text[from : at-len(line)+pipe]
	if colon := bytes.IndexByte(words, ':'); colon >= 0 {
		end := from + len(bytes.TrimRight(words, " \"'"))
		p.mask(from+colon+1, end, KindArgument)
	}
	return at + n
}

// readsStdin are the flags, in lower case, with which programs take a secret from their standard input.
var readsStdin = []string{"sudo --stdin", "--password-stdin", "--passphrase-fd 0", "--with-token", "-pass stdin",
	"-passin stdin", "-passout stdin", "passwd --stdin", "--key-file=-", "--key-file -"}

// pipedRule masks what is piped into a program that takes a secret from its standard input: behind echo or printf, or
// in a here-string. sudo's flag is -S; -s is another.
func pipedRule(p *pass, at, n int) int {
	end := at + n
	if p.text[end-1] == 's' && hasFold(p.text[at:end], "sudo -") {
		return end
	}
	if i := p.skipBlanks(end); p.hasAt(i, "<<<") {
		if v, to := p.word(p.skipBlanks(i + len("<<<"))); to > v && !isReference(p.text[v:to]) {
			p.mask(v, to, KindArgument)
		}
		return end
	}
	line := p.text[max(p.textStart(), at-maxValue):at]
	pipe := bytes.LastIndexByte(line, '|')
	for _, says := range []string{"echo ", "printf "} {
		echo := bytes.LastIndex(line, []byte(says))
		if pipe < 0 || echo < 0 || echo > pipe {
			continue
		}
		from := at - len(line) + echo + len(says)
		words := bytes.Trim(p.text[from:at-len(line)+pipe], " \"'")
		words = bytes.TrimLeft(bytes.TrimPrefix(words, []byte("-n ")), " \"'")
		if v := from + bytes.Index(p.text[from:at], words); len(words) > 0 && !isReference(words) {
			p.mask(v, v+len(words), KindArgument)
		}
		break
	}
	return end
}
