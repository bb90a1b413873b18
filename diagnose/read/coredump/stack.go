package coredump

import (
	"strings"
)

// Types of the auxiliary vector (getauxval(3)).
const (
	auxEntry    = 9
	auxExecFile = 31
	auxVDSO     = 33
)

// Limits of what is read of the block of strings above the main thread's stack.
const (
	stackWindow  = 256 << 10 // searched for the auxiliary vector
	maxArguments = 256
	maxArgument  = 1 << 10
	maxCommand   = 4 << 10
	maxVariables = 4096
	maxHostname  = 64
)

// Start is what the kernel put above the main thread's stack when the program was
// executed. Of the environment only HOSTNAME is ever read.
type Start struct {
	Program   string   // the executed file; "" = not readable
	Arguments []string // whole, where PRPSINFO has 79 bytes; nil = not readable
	Hostname  string   // HOSTNAME, which the engine sets to the container's id; "" = none
}

// Start reads the initial stack: argc, argv…, 0, envp…, 0, auxiliary vector, and
// above it the strings (arch ABI; fs/binfmt_elf.c create_elf_tables). A program that
// renames itself (setproctitle) writes over the strings.
func (c *Core) Start() Start {
	var s Start
	top := c.auxv[auxExecFile]
	if top == 0 {
		return s
	}
	s.Program = c.text(top, maxPath)
	vector, words := c.auxiliaryVector(top)
	if vector < 0 {
		return s
	}
	envEnd := vector - 1 // the 0 behind envp
	argEnd := before(words, envEnd)
	if argEnd < 0 {
		return s
	}
	s.Hostname = c.hostname(words[argEnd+1 : envEnd])
	if begin := argumentsBegin(words, argEnd); begin >= 0 {
		s.Arguments = c.arguments(words[begin:argEnd])
	}
	return s
}

// auxiliaryVector finds the vector on the stack by its first pairs, which the core
// repeats in a note, and returns its index among the words of the stack's top.
func (c *Core) auxiliaryVector(top uint64) (index int, words []uint64) {
	s := c.segmentAt(top)
	if s == nil {
		return -1, nil
	}
	words = c.wordsBelow(top, max(s.addr, (top-min(top, stackWindow))&^7))
	// AT_EXECFN holds an address that nothing else has; walk back to the first pair.
	i := len(words) - 2
	for i >= 0 && (words[i] != auxExecFile || words[i+1] != c.auxv[auxExecFile]) {
		i--
	}
	if i < 0 {
		return -1, nil
	}
	for i >= 2 {
		value, ok := c.auxv[words[i-2]]
		if !ok || value != words[i-1] || words[i-2] == 0 {
			break
		}
		i -= 2
	}
	return i, words
}

// wordsBelow reads the words from start up to top; none where one is missing.
func (c *Core) wordsBelow(top, start uint64) []uint64 {
	words := make([]uint64, (top-start)/8)
	var page [pageSize]byte
	for done := 0; done < len(words); {
		part := page[:min(pageSize, 8*(len(words)-done))]
		if c.ReadMemory(start+uint64(8*done), part) != nil {
			return nil
		}
		for ; len(part) > 0; part = part[8:] {
			words[done] = order.Uint64(part)
			done++
		}
	}
	return words
}

// before returns the index of the last 0 below i, within the number of variables
// that a process may have here; -1 = none.
func before(words []uint64, i int) int {
	if i < 1 || words[i] != 0 {
		return -1
	}
	for k := i - 1; k >= 0 && i-k <= maxVariables; k-- {
		if words[k] == 0 {
			return k
		}
	}
	return -1
}

// argumentsBegin walks down from argv's end to the word that counts what was
// passed: argc.
func argumentsBegin(words []uint64, end int) int {
	for k := end - 1; k >= 0 && end-k <= maxVariables; k-- {
		if words[k] == uint64(end-k-1) {
			return k + 1
		}
	}
	return -1
}

// hostname looks for one variable and reads no other's value.
func (c *Core) hostname(variables []uint64) string {
	const name = "HOSTNAME="
	head := make([]byte, len(name))
	for _, at := range variables {
		if c.ReadMemory(at, head) == nil && string(head) == name {
			return c.text(at+uint64(len(name)), maxHostname)
		}
	}
	return ""
}

func (c *Core) arguments(pointers []uint64) []string {
	list := []string{}
	total := 0
	for _, at := range pointers[:min(len(pointers), maxArguments)] {
		arg := c.text(at, maxArgument)
		if total += len(arg); total > maxCommand {
			return append(list, "...")
		}
		list = append(list, arg)
	}
	return list
}

// CommandLine is the process's command as far as the core tells it.
func (c *Core) commandLine(s Start) string {
	if len(s.Arguments) > 0 {
		return strings.Join(s.Arguments, " ")
	}
	if c.Process != nil {
		return c.Process.Args
	}
	return ""
}
