package servicelog

import (
	"bytes"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/excerpt"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

// shells are the programs whose complaint "NAME: 3: COMMAND: not found" has no path in front.
var shells = []string{"sh", "dash", "ash", "bash", "/bin/sh", "/bin/dash", "/bin/ash", "/bin/bash"}

// shellNotFound reads what dash and busybox say of a command that is not there. Everybody may end a line with "not
// found", so the script's path or the shell's name must stand in front:
//
//	sh: 1: uvicornn: not found
//	/entrypoint.sh: 3: uvicornn: not found
//	/bin/sh: uvicornn: not found
func shellNotFound(text string) bool {
	rest, ok := strings.CutSuffix(strings.TrimRight(text, "\r "), ": not found")
	if !ok {
		return false
	}
	parts := strings.Split(rest, ": ")
	script := parts[0]
	named := slices.Contains(shells, script)
	if !named && !isScript(script) {
		return false
	}
	if len(parts) == 4 && parts[2] == "exec" { // sh: 1: exec: /run.sh: not found
		parts = slices.Delete(parts, 2, 3)
	}
	if len(parts) == 3 {
		_, numeric := lex.Number(strings.TrimPrefix(parts[1], "line "))
		return numeric
	}
	return named && len(parts) == 2
}

// placed tells whether "NAME: 3: ", "NAME: line 3: " or "sh: VARIABLE: " may begin a line, without a copy of it.
func placed(msg []byte) bool {
	i := bytes.Index(msg[:min(len(msg), 160)], []byte(": "))
	rest := msg[i+1:]
	return i > 0 && len(rest) > 2 && (lex.IsDigit(rest[1]) || bytes.HasPrefix(rest, []byte(" line ")) ||
		rest[1] >= 'A' && rest[1] <= 'Z' && bytes.HasSuffix(msg[:i], []byte("sh")))
}

// shellUnset reads how a shell ends that lacks a variable: ${NAME:?text}, whose text is its author's own, in any
// language.
//
//	sh: 1: DATABASE_URL: set it to the database
//	/entrypoint.sh: line 3: DATABASE_URL: fehlt, siehe README
//	bash: DATABASE_URL: set it          (bash and busybox, of -c)
func shellUnset(text string) bool {
	script, rest, _ := strings.Cut(text, ": ")
	place := "1"
	if first, behind, _ := strings.Cut(rest, ": "); !slices.Contains(shells, script) || !isVariable(first) {
		place, rest = first, behind
	}
	name, words, told := strings.Cut(rest, ": ")
	if !told || !isVariable(name) || !slices.Contains(shells, script) && !isScript(script) {
		return false
	}
	if _, numeric := lex.Number(strings.TrimPrefix(place, "line ")); !numeric {
		return false
	}
	return !slices.ContainsFunc(shellFaults, func(fault string) bool { return strings.Contains(words, fault) })
}

// isScript tells the path of a script from the name of a program that logs.
func isScript(name string) bool {
	return !strings.ContainsRune(name, ' ') &&
		(strings.HasPrefix(name, "/") || strings.HasPrefix(name, "./") || strings.HasSuffix(name, ".sh"))
}

// isVariable tells whether a word is written as the names of settings are, and is no level of a log.
func isVariable(name string) bool {
	for i, c := range []byte(name) {
		if upper := c >= 'A' && c <= 'Z'; !upper && (i == 0 || c != '_' && !lex.IsDigit(c)) {
			return false
		}
	}
	return name != "" && !slices.Contains(notVariables, name) && !prefix.IsLevel([]byte(name))
}

// notVariables stand where a variable's name would beside the known levels.
var notVariables = []string{"ERR", "CRIT", "NOTE", "USAGE", "FAIL", "FAILED", "OK"}

// shellFaults are what shells themselves say after a name in the same place: of a command in capitals, of a variable
// that may not be set or does not count. What they say of an unset one (set -u) is a row of the table.
var shellFaults = []string{"not found", "ermission denied", "No such file", "Is a directory", "annot execute",
	"Exec format error", "bad interpreter", "readonly variable", "is read only", "bad variable name",
	"not a valid identifier", "invalid variable name", "bad substitution", "bad array subscript", "ambiguous redirect",
	"Illegal number", "integer expression expected", "expression", "division by", "syntax error", "yntax error",
	"unexpected operator", "circular name reference", "too long", "Text file busy", "unbound variable",
	"parameter not set", "parameter null or not set"}

// rubyUncaught reads the head of a Ruby backtrace, and returns its exception:
//
//	/app/worker.rb:3:in `perform': undefined method 'x' for nil (NoMethodError)
func rubyUncaught(text string) (typ, message string, ok bool) {
	at := strings.Index(text, ".rb:")
	open := strings.LastIndex(text, " (")
	if at < 0 || open < at || !strings.HasSuffix(text, ")") || !strings.Contains(text[at:open], "in ") {
		return "", "", false
	}
	typ = text[open+2 : len(text)-1]
	if short := typ[strings.LastIndexByte(typ, ':')+1:]; short == "" || short[0] < 'A' || short[0] > 'Z' ||
		strings.ContainsAny(typ, " ,") {
		return "", "", false
	}
	if _, message, ok = strings.Cut(text[at:open], "': "); !ok {
		return "", "", false
	}
	return typ, message, true
}

// fatalLevel tells the lines with which a Go program's logger ends it: logrus and logfmt write level=fatal, klog begins
// with F and the date.
func fatalLevel(text []byte) bool {
	if bytes.Contains(text, []byte("level=fatal ")) || bytes.Contains(text, []byte("level=panic ")) {
		return true
	}
	if len(text) < 21 || text[0] != 'F' || text[5] != ' ' || text[8] != ':' || text[14] != '.' {
		return false
	}
	_, dated := lex.Number(text[1:5])
	return dated && bytes.Contains(text, []byte("] "))
}

// derived reports the lines of other languages that are told by more than literals.
func (s *runScan) derived(ln *lane, p prefix.Line, l *logical) {
	if l.fatal || fatalLevel(l.text) {
		s.commit(s.sight("go-log-fatal", p, l))
	}
	if !p.Bare || p.Msg[0] == ' ' || p.Msg[0] == '\t' {
		return
	}
	if bytes.HasSuffix(p.Msg, []byte(": not found")) && shellNotFound(string(p.Msg)) {
		s.commit(s.sight("sh-command-not-found", p, l))
	}
	if placed(p.Msg) && shellUnset(string(p.Msg[:min(len(p.Msg), excerpt.MaxLine)])) {
		s.commit(s.sight("shell-setting-missing", p, l))
	}
	if bytes.HasPrefix(p.Msg, []byte("Node.js v")) && len(p.Msg) < 24 {
		s.commit(s.sight("node-error", p, l))
	}
	if p.Msg[len(p.Msg)-1] == ')' && bytes.Contains(p.Msg, []byte(".rb:")) {
		if typ, message, ok := rubyUncaught(string(p.Msg)); ok {
			g := s.sight("ruby-uncaught", p, l)
			g.exc = &traceback.Exception{Type: excerpt.Name(typ), Message: excerpt.Message(message),
				Chain: []string{excerpt.Of(typ+": "+message, traceback.MaxChainEntry)}}
			s.openStack(ln, g)
		}
	}
}

// stacked are the named others whose line is followed by a stack.
var stacked = []string{fact.NodeException, fact.JavaException, fact.JVMHeap, fact.GoPanic, fact.GoFatal,
	fact.GoDeadlock, fact.RustPanic, fact.DotnetException, fact.DotnetMemory, fact.RubyException, fact.PHPFatal}

// stack reads what stands under the line that tells how a program of another language ended, so that none of it is
// taken for anything else, and the place in the program's own code is known.
type stack struct {
	finding int    // its place in the run's findings, -1 where it was there already
	head    string // the announcing line
	line    int
	awaits  string // the message stands on a later line: "rust" on the next, "node" after the code and its caret
	loose   bool   // Go: function names stand between the frames
	typ     string
	message string
	chain   []string          // "Caused by", outermost first
	frames  []traceback.Frame // innermost first
	call    string            // Go, Rust: the function whose place comes on the next line
	lines   int
}

const maxStackLines = 400

// openStack commits a sighting and has what follows on its stream read as its stack.
func (s *runScan) openStack(ln *lane, g *sighting) {
	before := len(s.run.Findings)
	st := newStack(g)
	if st.typ != "" && g.exc == nil {
		g.exc = st.exception()
	}
	s.commit(g)
	st.finding = -1
	if len(s.run.Findings) > before {
		st.finding = len(s.run.Findings) - 1
	}
	ln.stack = st
}

// newStack reads what the announcing line itself tells.
func newStack(g *sighting) *stack {
	text := g.excerpt
	st := &stack{head: g.excerpt, line: g.line}
	switch g.sig.Other {
	case fact.JavaException, fact.JVMHeap:
		if i := strings.Index(text, `" `); strings.HasPrefix(text, "Exception in thread") && i > 0 {
			st.setException(text[i+2:])
		} else {
			st.setException(text)
		}
	case fact.DotnetException, fact.DotnetMemory:
		_, rest, _ := strings.Cut(text, ". ")
		if strings.HasPrefix(text, "Unhandled E") || strings.HasPrefix(text, "Unhandled exception: ") {
			_, rest, _ = strings.Cut(text, ": ")
		}
		st.setException(rest)
	case fact.GoPanic, fact.GoFatal, fact.GoDeadlock:
		st.loose = true
		if typ, message, ok := strings.Cut(text, ": "); ok && (typ == "panic" || typ == "fatal error") {
			st.typ, st.message = typ, message
		}
	case fact.RustPanic:
		st.rustHead(text)
	case fact.NodeException:
		// V8 says it in one line where it is told to abort: Uncaught TypeError: Cannot read properties of undefined
		if rest, ok := strings.CutPrefix(text, "Uncaught "); ok {
			st.setException(rest)
		}
		if st.typ == "" {
			st.awaits = "node"
		}
	}
	return st
}

func (st *stack) setException(text string) {
	typ, message, ok := strings.Cut(strings.TrimSpace(text), ": ")
	if strings.ContainsAny(typ, " ") {
		return
	}
	if !ok {
		message = ""
	}
	st.typ, st.message = typ, message
}

// rustHead reads both forms of a panic: from 1.73 on the message stands on the next line.
//
//	thread 'main' panicked at src/main.rs:5:5:
//	thread 'main' panicked at 'called `Result::unwrap()` on an `Err` value: …', src/main.rs:5:5
func (st *stack) rustHead(text string) {
	_, rest, ok := strings.Cut(text, "panicked at ")
	if !ok {
		st.typ, st.message = "abort", text
		return
	}
	st.typ = "panic"
	place := rest
	if i := strings.LastIndex(rest, "', "); rest[0] == '\'' && i > 0 {
		st.message, place = rest[1:i], rest[i+3:]
	} else {
		st.awaits = "rust"
	}
	if f, ok := sourcePlace(strings.TrimSuffix(place, ":")); ok {
		st.frames = append(st.frames, f)
	}
}

// feed offers the next line of the stream; quote is called with a text that may name the reason of it all.
func (st *stack) feed(text []byte, quote func(string)) traceback.Verdict {
	if st.lines++; st.lines > maxStackLines {
		return traceback.Closed
	}
	line := strings.TrimSpace(string(text[:min(len(text), 4*excerpt.MaxLine)]))
	if line == "" || strings.Trim(line, "^~ ") == "" {
		return traceback.Taken
	}
	if f, ok := foreignFrame(line); ok {
		if f.Function == "" {
			f.Function = st.call
		}
		st.call = ""
		if len(st.frames) < traceback.MaxFrames {
			st.frames = append(st.frames, f)
		}
		return traceback.Taken
	}
	if cause, ok := causedBy(line); ok {
		if len(st.chain) < traceback.MaxChain {
			st.chain = append(st.chain, cause)
		}
		st.setException(cause)
		st.frames = nil
		quote(cause)
		return traceback.Taken
	}
	if st.awaits != "" {
		return st.expectMessage(text, line, quote)
	}
	if text[0] == ' ' || text[0] == '\t' || traceback.HasAnyPrefix(text, stackLines) {
		st.call = functionName(line)
		return traceback.Taken
	}
	if st.loose && prefix.Parse(text).Bare && !bytes.HasPrefix(text, []byte("panic: ")) &&
		!bytes.HasPrefix(text, []byte("fatal error: ")) && strings.Contains(line, "(") {
		st.call = functionName(line)
		return traceback.Taken
	}
	return traceback.Closed
}

func (st *stack) expectMessage(text []byte, line string, quote func(string)) traceback.Verdict {
	indented := text[0] == ' ' || text[0] == '\t'
	if st.awaits == "node" && (indented || strings.HasPrefix(line, "node:") || strings.HasPrefix(line, "throw ")) {
		return traceback.Taken
	}
	if !prefix.Parse(text).Bare {
		return traceback.Closed
	}
	st.message = line
	st.head = strings.TrimSuffix(st.head, ":") + ": " + line // the head alone tells only where
	if st.awaits == "node" {
		st.head = line
		st.setException(line)
	}
	st.awaits = ""
	quote(line)
	return traceback.Taken
}

// stackLines begin the lines of a stack that name no place.
var stackLines = [][]byte{[]byte("goroutine "), []byte("created by "), []byte("note: "), []byte("stack backtrace:"),
	[]byte("[signal "), []byte("exit status "), []byte("---> "), []byte("--- End of "),
	[]byte("Suppressed: "), []byte("Stack trace:"), []byte("#"), []byte("{main}"), []byte("main."), []byte("runtime."),
	[]byte("runtime: "), []byte("...additional frames"), []byte("from "), []byte("Aborted"), []byte("  thrown in "),
	[]byte("[originating from")}

// causedBy reads the reason that Java and .NET print under an exception.
func causedBy(line string) (string, bool) {
	for _, start := range []string{"Caused by: ", "---> "} {
		if rest, ok := strings.CutPrefix(line, start); ok {
			return excerpt.Of(rest, traceback.MaxChainEntry), true
		}
	}
	return "", false
}

// functionName reads "main.(*Server).run(0xc00001)" and "3: gateway::main" up to their arguments.
func functionName(line string) string {
	line = strings.TrimLeft(line, "0123456789: ")
	if i := strings.LastIndexByte(line, '('); i > 0 {
		line = line[:i]
	}
	if line == "" || strings.ContainsRune(line, ' ') {
		return ""
	}
	return excerpt.Name(line)
}

// foreignFrame reads one frame of Java, Node.js, .NET, Go, Rust, PHP and Ruby:
//
//	at com.example.Gateway.main(Gateway.java:12)
//	at connect (/app/server.js:12:5)
//	at Gateway.Program.Main(String[] args) in /src/Program.cs:line 12
//	/app/main.go:12 +0x1d
//	at ./src/main.rs:5:5
//	#0 /app/index.php(12): connect()
//	from /app/worker.rb:3:in `perform'
func foreignFrame(line string) (traceback.Frame, bool) {
	if rest, ok := strings.CutPrefix(line, "at "); ok {
		if i := strings.LastIndex(rest, " in "); i > 0 {
			if f, ok := sourcePlace(strings.Replace(rest[i+4:], ":line ", ":", 1)); ok {
				f.Function = functionName(rest[:i])
				return f, true
			}
		}
		if i := strings.LastIndexByte(rest, '('); i >= 0 && strings.HasSuffix(rest, ")") {
			f, ok := sourcePlace(rest[i+1 : len(rest)-1])
			f.Function = excerpt.Name(strings.TrimSpace(rest[:i]))
			return f, ok || f.Function != ""
		}
		return sourcePlace(rest)
	}
	if rest, ok := strings.CutPrefix(line, "from "); ok {
		place, _, _ := strings.Cut(rest, ":in ")
		return sourcePlace(place)
	}
	if line[0] == '#' {
		_, rest, _ := strings.Cut(line, " ")
		file, rest, ok := strings.Cut(rest, "(")
		no, call, closed := strings.Cut(rest, "): ")
		n, numeric := lex.Number(no)
		return traceback.Frame{File: excerpt.Name(file), Line: n, Function: functionName(call)}, ok && closed && numeric
	}
	if place, _, ok := strings.Cut(line, " +0x"); ok {
		return sourcePlace(place)
	}
	return traceback.Frame{}, false
}

// sourcePlace reads "src/main.rs:5:5", "Gateway.java:12" and "/app/main.go:12".
func sourcePlace(text string) (traceback.Frame, bool) {
	parts := strings.Split(strings.TrimPrefix(text, "file://"), ":")
	for len(parts) > 2 {
		if _, numeric := lex.Number(parts[len(parts)-2]); !numeric {
			break
		}
		parts = parts[:len(parts)-1]
	}
	if len(parts) < 2 {
		return traceback.Frame{}, false
	}
	n, numeric := lex.Number(parts[len(parts)-1])
	file := strings.Join(parts[:len(parts)-1], ":")
	if !numeric || file == "" || strings.ContainsAny(file, " \t\"") {
		return traceback.Frame{}, false
	}
	return traceback.Frame{File: excerpt.Name(file), Line: n}, true
}

// exception returns what was read, its frames outermost first as those of Python are; nil where nothing is known.
func (st *stack) exception() *traceback.Exception {
	if st.typ == "" && st.message == "" && len(st.frames) == 0 {
		return nil
	}
	e := &traceback.Exception{Type: excerpt.Name(st.typ), Message: excerpt.Message(st.message),
		Frames: slices.Clone(st.frames), Direct: len(st.chain) > 0}
	slices.Reverse(e.Frames)
	for _, c := range slices.Backward(st.chain) {
		e.Chain = append(e.Chain, c)
	}
	if len(e.Chain) == 0 && (e.Type != "" || e.Message != "") {
		e.Chain = []string{excerpt.Of(strings.TrimPrefix(e.Type+": "+e.Message, ": "), traceback.MaxChainEntry)}
	}
	return e
}

// wrap is a stack of another language: its finding, and the lines that it spans.
type wrap struct{ finding, from, to int }

// wrapped makes the way in which a program ended the mechanism of what its own words say of the reason: a panic about a
// refused connection is a dependency that is down.
func (s *runScan) wrapped() {
	for _, w := range s.wraps {
		head := &s.run.Findings[w.finding]
		for i := range s.run.Findings {
			f := &s.run.Findings[i]
			if i != w.finding && f.Line >= w.from && f.Line <= w.to && f.Role == fact.RoleRoot && f.Strength != fact.Weak &&
				f.Other != head.Other {
				head.Role = fact.RoleMechanism
			}
		}
	}
}

// closeStack gives the finding what the stack told.
func (s *runScan) closeStack(st *stack) {
	e := st.exception()
	s.told(st.line, st.head, Fatal)
	if st.finding >= 0 {
		s.wraps = append(s.wraps, wrap{st.finding, st.line, s.number})
	}
	if st.finding < 0 || e == nil {
		return
	}
	f := &s.run.Findings[st.finding]
	if f.Exception != nil && len(f.Exception.Frames) == 0 && st.typ == "" {
		f.Exception.Frames = e.Frames
		return
	}
	if f.Exception == nil || f.Exception.Type == "" || st.typ != "" {
		f.Exception = e
	}
}
