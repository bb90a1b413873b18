package check

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Command is one simple command of a shell line.
type Command struct {
	Words []string // as the shell sees them: quotes and redirections off, nothing expanded
	After string   // the operator after it: "", "|", "||", "&&", ";", "&"
}

// Bounds of what is read of a check: it is written by the image's author.
const (
	maxScript   = 16 << 10
	maxCommands = 64
	maxWords    = 256
)

// script is a shell line as a shell parses it.
type script struct {
	source   string
	stmts    []*syntax.Stmt
	commands []Command
}

// parseScript reads a shell line. One that no shell's grammar reads (another shell's, or
// cut at the bound) is one command of its words, of whose operators nothing is known.
func parseScript(text string) script {
	if len(text) > maxScript {
		text = text[:maxScript]
	}
	s := script{source: text}
	for _, variant := range []syntax.LangVariant{syntax.LangBash, syntax.LangPOSIX} {
		file, err := syntax.NewParser(syntax.Variant(variant)).Parse(strings.NewReader(text), "")
		if err == nil {
			s.stmts = file.Stmts
			s.list(file.Stmts, "")
			return s
		}
	}
	if words := strings.Fields(text); len(words) > 0 {
		s.commands = []Command{{Words: words[:min(len(words), maxWords)]}}
	}
	return s
}

// list adds the simple commands of statements that follow each other; after stands after
// the last of them.
func (s *script) list(stmts []*syntax.Stmt, after string) {
	for i, stmt := range stmts {
		operator := ";"
		if i == len(stmts)-1 {
			operator = after
		}
		if stmt.Background {
			operator = "&"
		}
		s.command(stmt.Cmd, operator)
	}
}

// command adds the simple commands of one statement in the order in which they stand.
func (s *script) command(cmd syntax.Command, after string) {
	switch c := cmd.(type) {
	case *syntax.CallExpr:
		s.add(s.call(c), after)
	case *syntax.BinaryCmd:
		s.list([]*syntax.Stmt{c.X}, operatorOf(c.Op))
		s.list([]*syntax.Stmt{c.Y}, after)
	case *syntax.Block:
		s.list(c.Stmts, after)
	case *syntax.Subshell:
		s.list(c.Stmts, after)
	case *syntax.IfClause:
		s.branches(c, after)
	case *syntax.WhileClause:
		s.list(c.Cond, ";")
		s.list(c.Do, after)
	case *syntax.ForClause:
		s.list(c.Do, after)
	case *syntax.CaseClause:
		for _, item := range c.Items {
			s.list(item.Stmts, after)
		}
	case *syntax.TimeClause:
		if c.Stmt != nil {
			s.list([]*syntax.Stmt{c.Stmt}, after)
		}
	case *syntax.DeclClause:
		s.add([]string{c.Variant.Value}, after)
	case *syntax.TestClause:
		s.add([]string{"[["}, after)
	}
}

func (s *script) branches(c *syntax.IfClause, after string) {
	for ; c != nil; c = c.Else {
		s.list(c.Cond, ";")
		s.list(c.Then, after)
	}
}

func (s *script) add(words []string, after string) {
	if len(words) > 0 && len(s.commands) < maxCommands {
		s.commands = append(s.commands, Command{Words: words[:min(len(words), maxWords)], After: after})
	}
}

func operatorOf(op syntax.BinCmdOperator) string {
	switch op {
	case syntax.AndStmt:
		return "&&"
	case syntax.OrStmt:
		return "||"
	}
	return "|"
}

// call returns the words of a simple command, assignments first.
func (s *script) call(c *syntax.CallExpr) []string {
	var words []string
	for _, a := range c.Assigns {
		words = append(words, s.text(a))
	}
	for _, w := range c.Args {
		words = append(words, s.word(w.Parts, false))
	}
	return words
}

// text is a piece of the line as it was written.
func (s *script) text(node syntax.Node) string {
	from, to := int(node.Pos().Offset()), int(node.End().Offset())
	if from > to || to > len(s.source) {
		return ""
	}
	return s.source[from:to]
}

// word puts a word together: quotes and backslashes off, variables and commands in it as
// they were written.
func (s *script) word(parts []syntax.WordPart, quoted bool) string {
	var out strings.Builder
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit:
			out.WriteString(unescaped(p.Value, quoted))
		case *syntax.SglQuoted:
			out.WriteString(p.Value)
		case *syntax.DblQuoted:
			out.WriteString(s.word(p.Parts, true))
		default:
			out.WriteString(s.text(p))
		}
	}
	return out.String()
}

// unescaped takes backslashes off; between double quotes only those before a character
// that is special there.
func unescaped(text string, quoted bool) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && (!quoted || strings.IndexByte("\\\"$`\n", text[i+1]) >= 0) {
			if i++; text[i] == '\n' {
				continue
			}
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

// endsWith tells whether a list of statements may end with the exit code of the named
// program. An exit without a number, or with $?, passes the code before it on.
func (s *script) endsWith(stmts []*syntax.Stmt, name string) bool {
	if len(stmts) == 0 {
		return false
	}
	last := stmts[len(stmts)-1]
	if s.passesOn(last) {
		return s.endsWith(stmts[:len(stmts)-1], name)
	}
	return s.codeOf(last, name)
}

func (s *script) codeOf(stmt *syntax.Stmt, name string) bool {
	if stmt.Negated || stmt.Background {
		return false
	}
	switch c := stmt.Cmd.(type) {
	case *syntax.CallExpr:
		runs, _ := Command{Words: s.call(c)}.Program()
		return runs == name
	case *syntax.BinaryCmd:
		switch {
		case c.Op == syntax.AndStmt, c.Op == syntax.OrStmt && s.passesOn(c.Y):
			return s.codeOf(c.X, name) || s.codeOf(c.Y, name)
		}
		return s.codeOf(c.Y, name)
	case *syntax.Block:
		return s.endsWith(c.Stmts, name)
	case *syntax.Subshell:
		return s.endsWith(c.Stmts, name)
	case *syntax.IfClause:
		return s.endsWith(c.Then, name) || c.Else != nil && s.codeOf(&syntax.Stmt{Cmd: c.Else}, name)
	}
	return false
}

// passesOn tells whether a statement is an exit that keeps the code before it.
func (s *script) passesOn(stmt *syntax.Stmt) bool {
	c, ok := stmt.Cmd.(*syntax.CallExpr)
	if !ok || stmt.Negated {
		return false
	}
	runs, args := Command{Words: s.call(c)}.Program()
	return runs == "exit" && (len(args) == 0 || args[0] == "$?")
}

// harmless are commands that end with 0 whatever happens.
var harmless = []string{"true", ":", "echo", "printf"}

// succeeds tells whether a list of statements ends with 0 whatever its programs say:
// unless one before the last may leave it (exit 1, set -e), the last one decides.
func (s *script) succeeds(stmts []*syntax.Stmt) bool {
	if len(stmts) == 0 {
		return false
	}
	for _, stmt := range stmts[:len(stmts)-1] {
		if s.mayLeave(stmt) {
			return false
		}
	}
	return s.passes(stmts[len(stmts)-1])
}

func (s *script) passes(stmt *syntax.Stmt) bool {
	if stmt.Negated || stmt.Background {
		return false
	}
	switch c := stmt.Cmd.(type) {
	case *syntax.CallExpr:
		word, args := programWord(s.call(c))
		name := Base(word)
		return slices.Contains(harmless, name) || name == "exit" && len(args) > 0 && args[0] == "0"
	case *syntax.BinaryCmd:
		switch c.Op {
		case syntax.AndStmt:
			return s.passes(c.X) && s.passes(c.Y)
		case syntax.OrStmt:
			return !s.mayLeave(c.X) && (s.passes(c.X) || s.passes(c.Y))
		}
		return s.passes(c.Y)
	case *syntax.Block:
		return s.succeeds(c.Stmts)
	case *syntax.Subshell:
		return s.succeeds(c.Stmts)
	case *syntax.IfClause: // without an else it ends with 0 where its condition does not hold
		for ; c != nil; c = c.Else {
			if !s.succeeds(c.Then) {
				return false
			}
		}
		return true
	}
	return false
}

// mayLeave tells whether a statement may end the script with a code of its own: an exit
// other than 0, or set -e from there on.
func (s *script) mayLeave(stmt *syntax.Stmt) bool {
	leaves := false
	syntax.Walk(stmt, func(node syntax.Node) bool {
		if c, ok := node.(*syntax.CallExpr); ok {
			name, args := Command{Words: s.call(c)}.Program()
			leaves = leaves || name == "exit" && (len(args) == 0 || args[0] != "0") || name == "return" ||
				name == "exec" ||
				name == "set" && len(args) > 0 && strings.HasPrefix(args[0], "-") && strings.ContainsAny(args[0], "eo")
		}
		_, inner := node.(*syntax.Subshell)
		return !inner // its exit ends itself only
	})
	return leaves
}
