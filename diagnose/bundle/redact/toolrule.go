package redact

import (
	"bytes"
	"slices"
	"strings"
)

// tool is a program that takes a secret behind a one-letter flag, which no rule
// about names can know.
type tool struct {
	name     string
	apart    []string // flags whose secret is the next word
	attached string   // flag whose secret is glued to it: mysql -pX
	pair     []string // flags whose next word is user:password
}

var tools = []tool{
	{name: "redis-cli", apart: []string{"-a"}},
	{name: "valkey-cli", apart: []string{"-a"}},
	{name: "keydb-cli", apart: []string{"-a"}},
	{name: "mysql", attached: "-p"},
	{name: "mariadb", attached: "-p"},
	{name: "mongo", apart: []string{"-p"}, attached: "-p"},
	{name: "sshpass", apart: []string{"-p"}, attached: "-p"},
	{name: "curl", pair: []string{"-u", "--user", "-U", "--proxy-user"}, attached: "-u"},
	{name: "mosquitto_", apart: []string{"-P"}},
	{name: "ldapsearch", apart: []string{"-w"}, attached: "-w"},
	{name: "sqlcmd", apart: []string{"-P"}, attached: "-P"},
}

func toolLiterals() []literal {
	var list []literal
	for _, t := range tools {
		list = append(list, literal{t.name, t.rule})
	}
	return list
}

// findTool returns the tool that a command's first word or path names.
func findTool(word string) (tool, bool) {
	word = word[strings.LastIndexByte(word, '/')+1:]
	i := slices.IndexFunc(tools, func(t tool) bool { return strings.HasPrefix(word, t.name) })
	if i < 0 {
		return tool{}, false
	}
	return tools[i], true
}

// rule reads the words of a command line behind the tool's name.
func (t tool) rule(p *pass, at, n int) int {
	const mostWords = 32
	i := at + n
	for i < p.end && isKeyByte(p.text[i]) { // mysqladmin, mongosh
		i++
	}
	if !p.startsWord(at) || i >= p.end || p.text[i] != ' ' {
		return at + n
	}
	flag := ""
	for range mostWords {
		i = p.skipBlanks(i)
		v, end := p.word(i)
		if end <= i || bytes.ContainsAny(p.text[i:min(i+1, end)], ";|&") {
			break
		}
		from, hide := t.secretIn(flag, string(p.text[v:min(end, v+maxValue)]))
		if hide && !isReference(p.text[v+from:end]) {
			p.mask(v+from, end, KindArgument)
		}
		flag = string(p.text[v:min(end, v+16)])
		i = max(end, i+1)
		if i < p.end && isQuote(p.text[i]) {
			i++
		}
	}
	return max(p.last, at+n)
}

// maxWord is the longest word of a command line that is looked at, in bytes.
const maxWord = 1 << 10

// word returns the next word of a command line, without its quotes.
func (p *pass) word(i int) (v, end int) {
	if i < p.end && isQuote(p.text[i]) {
		return i + 1, quotedEnd(p.text, i+1, min(p.end, i+maxWord), p.text[i], 0)
	}
	end = i
	for end < min(p.end, i+maxWord) && !isSpace(p.text[end]) && !isQuote(p.text[end]) {
		end++
	}
	return i, trimEscape(p.text, i, end)
}

// secretIn tells from which byte on a word is secret, given the word before it.
func (t tool) secretIn(before, word string) (from int, ok bool) {
	switch {
	case slices.Contains(t.pair, before):
		_, password, two := strings.Cut(word, ":")
		return len(word) - len(password), two && password != ""
	case slices.Contains(t.apart, before) && !strings.HasPrefix(word, "-"):
		return 0, word != ""
	case t.attached != "" && len(word) > len(t.attached) && strings.HasPrefix(word, t.attached):
		if len(t.pair) == 0 {
			return len(t.attached), true
		}
		_, password, two := strings.Cut(word, ":")
		return len(word) - len(password), two && password != ""
	}
	return 0, false
}
