package check

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
)

// Parsed is a test in parts: what is run, and whose exit code comes out.
type Parsed struct {
	Form     string // CMD, CMD-SHELL, NONE; "" = no test
	Commands []Command
	Argv     []string // exec form: the arguments, as they are
	Text     string   // the whole, for a last look
	Shell    bool     // a shell runs it: CMD-SHELL, or ["CMD", "sh", "-c", ...]

	script script // what that shell reads
}

// Parse takes a test (Healthcheck.Test) apart.
func Parse(test []string) Parsed {
	if len(test) == 0 {
		return Parsed{}
	}
	c := Parsed{Form: test[0]}
	args := test[1:]
	if len(args) > maxWords {
		args = args[:maxWords]
	}
	c.Text = strings.Join(args, " ")
	if len(c.Text) > maxScript {
		c.Text = c.Text[:maxScript]
	}
	switch {
	case len(args) == 0:
	case c.Form == FormShell: // the engine hands over the first string only
		c.shell(c.Text)
	case c.Form == FormExec:
		c.Argv = args
		if script, ok := inlineScript(args); ok {
			c.shell(script)
		} else {
			c.Commands = []Command{{Words: args}}
		}
	}
	return c
}

func (c *Parsed) shell(text string) {
	c.Shell, c.script = true, parseScript(text)
	c.Commands = c.script.commands
}

// shells that take a script after -c.
var shells = map[string]bool{"sh": true, "bash": true, "dash": true, "ash": true, "zsh": true, "ksh": true}

// inlineScript returns the script of ["/bin/sh", "-c", script].
func inlineScript(args []string) (string, bool) {
	if !shells[Base(args[0])] {
		return "", false
	}
	for i := 1; i < len(args)-1; i++ {
		if strings.HasPrefix(args[i], "-") && strings.HasSuffix(args[i], "c") {
			return args[i+1], true
		}
	}
	return "", false
}

// wrappers run another program given as their argument; the number is how many
// words of their own come before it, options left out.
var wrappers = map[string]int{
	"timeout": 1, "env": 0, "exec": 0, "nice": 0, "sudo": 0, "su-exec": 1, "gosu": 1, "nohup": 0, "time": 0,
	"command": 0, "busybox": 0, "tini": 0, "--": 0,
}

// program returns what a simple command runs, wrappers and variable assignments
// taken off: "curl" for `env A=1 timeout 5 /usr/bin/curl -f ...`. "" = none.
func (c Command) Program() (name string, args []string) {
	word, args := programWord(c.Words)
	return ProgramName(word), args
}

// programWord is program's name as it was written: /usr/bin/python3.
func programWord(words []string) (word string, args []string) {
	skip := 0
	for i, w := range words {
		switch {
		case w == "":
		case strings.HasPrefix(w, "-") || assignment(w) && skip == 0:
		case skip > 0:
			skip--
		case number().MatchString(w): // timeout -k 5 3 curl: values of options
		default:
			own, ok := wrappers[Base(w)]
			if !ok {
				return w, words[i+1:]
			}
			skip = own
		}
	}
	return "", nil
}

var number = lazyregexp.New(`^[0-9.]+[smhd]?$`)

func assignment(w string) bool {
	name, _, ok := strings.Cut(w, "=")
	return ok && name != "" && !strings.ContainsAny(name, "/.:-?&")
}

// Decider is the program whose exit code is the check's, "" where there is no single one: of a pipeline that ends the
// check it is the last (POSIX shell 2.9.2).
func (c Parsed) Decider() string {
	if !c.piped() {
		return c.Tool()
	}
	name, _ := c.Commands[len(c.Commands)-1].Program()
	return name
}

// Seeks is the program that judges an answer by what stands in it, where the check ends with one; "" = none does.
func (c Parsed) Seeks() string {
	name := c.Decider()
	if c.piped() && slices.Contains([]string{"grep", "egrep", "fgrep", "jq", "[", "test"}, name) {
		return name
	}
	return ""
}

// Path is the check's program as the check names it, "" where it runs several.
func (c Parsed) Path() string {
	if len(c.Commands) != 1 {
		return ""
	}
	word, _ := programWord(c.Commands[0].Words)
	return word
}

// TrustsAny tells whether the check takes any certificate.
func (c Parsed) TrustsAny() bool {
	for _, cmd := range c.Commands {
		name, args := cmd.Program()
		for _, arg := range args {
			short := name == "curl" && len(arg) > 1 && arg[0] == '-' && arg[1] != '-' && strings.Contains(arg, "k")
			if short || arg == "--insecure" || arg == "--no-check-certificate" {
				return true
			}
		}
	}
	return strings.Contains(c.Text, "CERT_NONE") || strings.Contains(c.Text, "rejectUnauthorized: false")
}

// piped tells whether the check ends with a pipeline.
func (c Parsed) piped() bool {
	n := len(c.Commands)
	return n > 1 && c.Commands[n-2].After == "|"
}

func Base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// versioned matches an interpreter with its version: python3.11, node18.
var versioned = lazyregexp.New(`^(python|pypy|node|php|ruby|perl)[0-9.]*$`)

// programName is a program's name as a person calls it, fit to be printed: the image's
// author may have put anything there.
func ProgramName(w string) string {
	name := Base(w)
	if m := versioned().FindStringSubmatch(name); m != nil {
		return m[1]
	}
	if name == "nodejs" {
		return "node"
	}
	for _, r := range name {
		plain := r == '-' || r == '_' || r == '.' || r == '+' || r == '[' ||
			r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !plain {
			return ""
		}
	}
	if len(name) > 40 {
		return ""
	}
	return name
}

// quiet are commands of a check that prepare or judge, but do not probe.
var quiet = map[string]bool{
	"": true, "exit": true, "true": true, "false": true, "echo": true, "printf": true, "test": true, "[": true,
	"[[": true,
	"cd": true, "set": true, "export": true, "sleep": true, "grep": true, "egrep": true, "jq": true, "awk": true,
	"sed": true, "cat": true,
	"head": true, "tail": true, "tr": true, "cut": true, "wc": true, "return": true,
	"kill": true, ":": true, "tee": true, "xargs": true,
}

// inside finds a well-known prober within a word, as in
// [ "$(curl -s -o /dev/null -w '%{http_code}' ...)" = 200 ].
var inside = lazyregexp.New("(?:^|[\\s(`;|&/])" +
	"(curl|wget|python|node|nc|pg_isready|redis-cli|mysqladmin)(?:[0-9.]*)(?:\\s|$)")

// Tool returns the program that does the probing: curl, wget, python (of any
// version), nc, pg_isready ... For a shell line it is the first program that is
// not mere shell work, else the last, whose exit code counts. "" where there is no test or
// nothing can be told.
func Tool(test []string) string { return Parse(test).Tool() }

func (c Parsed) Tool() string {
	last := ""
	for _, cmd := range c.Commands {
		name, _ := cmd.Program()
		if !quiet[name] {
			return name
		}
		last = cmp.Or(name, last)
	}
	if m := inside().FindStringSubmatch(c.Text); m != nil {
		return m[1]
	}
	return last
}

// plainProbers are probers that start no program of their own.
var plainProbers = map[string]bool{"curl": true, "wget": true, "nc": true, "pg_isready": true, "redis-cli": true,
	"mysqladmin": true}

// IsPlain tells whether a line of the shell runs well-known probers and the shell's own words alone: no interpreter, no
// script, nothing that would run another program.
func (c Parsed) IsPlain() bool {
	if !c.Shell || strings.ContainsAny(c.Text, "$`") {
		return false
	}
	for _, cmd := range c.Commands {
		if name, _ := cmd.Program(); name == "xargs" || !plainProbers[name] && !quiet[name] {
			return false
		}
	}
	return len(c.Commands) > 0
}

// Program returns the word that names the probing program as the check has it, for
// looking it up in the image: /usr/bin/curl, python3. "" where Tool tells none, or
// where the program is the shell's own.
func Program(test []string) string {
	c := Parse(test)
	for _, cmd := range c.Commands {
		word, _ := programWord(cmd.Words)
		if name := ProgramName(word); name != "" && !quiet[name] {
			return word
		}
	}
	return ""
}

// codeFrom tells whether the check may end with the exit code of the named program. So
// not in "curl ... || exit 1" (exit's 1 comes out), in "curl ... | jq" (jq's), or in
// "! curl ...".
func (c Parsed) codeFrom(name string) bool {
	if c.Shell {
		return c.script.endsWith(c.script.stmts, name)
	}
	return len(c.Commands) > 0 && c.runs(name)
}

func (c Parsed) runs(name string) bool {
	runs, _ := c.Commands[0].Program()
	return runs == name
}

// AlwaysPasses tells whether the check ends with 0 whatever the programs before its end
// say. A check of one command is what it is.
func (c Parsed) AlwaysPasses() bool {
	return c.Shell && len(c.Commands) > 1 && c.script.succeeds(c.script.stmts)
}

// uses tells whether a program stands anywhere in the check, wrappers included.
func (c Parsed) uses(name string) bool {
	for _, cmd := range c.Commands {
		for _, w := range cmd.Words {
			if Base(w) == name {
				return true
			}
		}
	}
	return false
}

// printsAnswers tells whether what the check prints may be the service's answer
// instead of the probe's own words.
func (c Parsed) printsAnswers() bool { return c.uses("curl") || c.uses("wget") }
