package check

import "strings"

// command is one simple command of a shell line.
type Command struct {
	Words []string // as the shell sees them: quotes off, nothing expanded
	After string   // the operator behind it: "", "|", "||", "&&", ";", "&"
}

// Bounds of what is read of a check: it is written by the image's author.
const (
	maxScript   = 16 << 10
	maxCommands = 64
	maxWords    = 256
)

// splitShell cuts a shell line into its simple commands. It is no shell: it
// knows quotes, backslashes, the operators and redirections, which is what a
// health check is made of. Groups and keywords come out as words.
func splitShell(script string) []Command {
	if len(script) > maxScript {
		script = script[:maxScript]
	}
	s := splitter{}
	for i := 0; i < len(script) && len(s.commands) < maxCommands; i++ {
		i += s.step(script[i:])
	}
	s.endCommand("")
	return s.commands
}

type splitter struct {
	commands []Command
	words    []string
	word     strings.Builder
	inWord   bool
	quote    byte // ' or " while inside one
}

// step takes the next piece of the line and returns how many bytes beyond the
// first it has used.
func (s *splitter) step(rest string) int {
	c := rest[0]
	switch {
	case s.quote != 0:
		return s.quoted(rest)
	case c == '\'' || c == '"':
		s.quote, s.inWord = c, true
	case c == '\\' && len(rest) > 1:
		if rest[1] != '\n' {
			s.add(rest[1])
		}
		return 1
	case c == ' ' || c == '\t' || c == '\r':
		s.endWord()
	case c == '\n' || c == ';':
		s.endCommand(";")
	case c == '|' || c == '&':
		return s.operator(rest)
	default:
		s.add(c)
	}
	return 0
}

func (s *splitter) quoted(rest string) int {
	c := rest[0]
	switch {
	case c == s.quote:
		s.quote = 0
	case c == '\\' && s.quote == '"' && len(rest) > 1 && strings.IndexByte("\\\"$`", rest[1]) >= 0:
		s.add(rest[1])
		return 1
	default:
		s.add(c)
	}
	return 0
}

// operator takes |, ||, & and &&. In >&2, 2>&1 and &>file the & is part of a
// redirection and so of a word.
func (s *splitter) operator(rest string) int {
	double := len(rest) > 1 && rest[1] == rest[0]
	if rest[0] == '&' && !double {
		if strings.HasSuffix(s.word.String(), ">") || len(rest) > 1 && rest[1] == '>' {
			s.add('&')
			return 0
		}
	}
	if double {
		s.endCommand(rest[:2])
		return 1
	}
	s.endCommand(rest[:1])
	return 0
}

func (s *splitter) add(c byte) {
	s.word.WriteByte(c)
	s.inWord = true
}

func (s *splitter) endWord() {
	if s.inWord && len(s.words) < maxWords {
		s.words = append(s.words, s.word.String())
	}
	s.word.Reset()
	s.inWord = false
}

func (s *splitter) endCommand(operator string) {
	s.endWord()
	if len(s.words) > 0 {
		s.commands = append(s.commands, Command{Words: s.words, After: operator})
	}
	s.words = nil
}
