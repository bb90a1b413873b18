package check

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"mvdan.cc/sh/v3/syntax"

	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
)

// Least is how long a check takes at least to pass, as far as its own words tell: by what it sleeps before it asks or
// afterwards. A loop that may end at once counts nothing.
func (c Parsed) Least() time.Duration {
	if c.Shell {
		return leastOfList(&c.script, c.script.stmts)
	}
	return leastOfWords(c.Argv)
}

// never is of what cannot pass in a finite time.
const never = time.Duration(math.MaxInt64)

func leastOfList(s *script, stmts []*syntax.Stmt) (sum time.Duration) {
	for _, stmt := range stmts {
		least := leastOf(s, stmt)
		if least >= never-sum {
			return never
		}
		sum += least
	}
	return sum
}

func leastOf(s *script, stmt *syntax.Stmt) time.Duration {
	if stmt.Background {
		return 0
	}
	switch c := stmt.Cmd.(type) {
	case *syntax.CallExpr:
		return leastOfWords(s.call(c))
	case *syntax.Block:
		return leastOfList(s, c.Stmts)
	case *syntax.Subshell:
		return leastOfList(s, c.Stmts)
	case *syntax.BinaryCmd:
		x, y := leastOf(s, c.X), leastOf(s, c.Y)
		switch c.Op {
		case syntax.AndStmt:
			return leastOfList(s, []*syntax.Stmt{c.X, c.Y})
		case syntax.OrStmt: // the second one runs only where the first one has failed
			return x
		}
		return max(x, y)
	case *syntax.IfClause:
		least := leastOfList(s, c.Cond)
		switch {
		case len(c.Cond) == 0: // an else
			return leastOfList(s, c.Then)
		case c.Else == nil:
			return least
		}
		return least + min(leastOfList(s, c.Then), leastOf(s, &syntax.Stmt{Cmd: c.Else}))
	}
	return 0
}

// leastOfWords is how long one command takes: sleep, by itself or under another program, and Python's time.sleep at the
// beginning of what -c runs.
func leastOfWords(words []string) time.Duration {
	if len(words) == 0 || slices.Contains([]string{"timeout", "nohup"}, Base(words[0])) {
		return 0 // who limits the time may end it well before
	}
	name, args := Command{Words: words}.Program()
	switch name {
	case "sleep":
		var sum time.Duration
		for _, arg := range args {
			d, ok := sleepTime(arg)
			if !ok {
				return 0
			}
			sum += d
		}
		return sum
	case "python":
		if i := slices.Index(args, "-c"); i >= 0 && i+1 < len(args) {
			return pythonSleep(args[i+1])
		}
	}
	return 0
}

// sleepTime reads an argument of sleep: "3", "0.5", "1m".
func sleepTime(arg string) (time.Duration, bool) {
	unit := time.Second
	switch last := arg[max(len(arg)-1, 0):]; last {
	case "s", "m", "h", "d":
		unit = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[last]
		arg = strings.TrimSuffix(arg, last)
	}
	n, err := strconv.ParseFloat(arg, 64)
	if err != nil || !(n >= 0 && n < 1e6) {
		return 0, false
	}
	return time.Duration(n * float64(unit)), true
}

// pythonSleeps are sleeps in statements that stand in a row, not in a loop or under a condition.
var pythonSleeps = lazyregexp.New(`(?:^|[;\n])\s*(?:time\.)?sleep\(([0-9.]+)\)`)

var pythonBlock = lazyregexp.New(`(?m)^\s*(?:for|while|if|try|def|with|else|except)\b[^\n]*:`)

func pythonSleep(code string) (sum time.Duration) {
	if pythonBlock().MatchString(code) {
		return 0
	}
	for _, m := range pythonSleeps().FindAllStringSubmatch(code, -1) {
		if d, ok := sleepTime(m[1]); ok {
			sum += d
		}
	}
	return sum
}
