package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is how wide a help text may be: a terminal of 80 columns shows it as it is.
const helpWidth = 80

// flagGroups are the flags by what they are for, in the order of the help. Those that stand in no group are about the
// command itself and come first.
var flagGroups = []struct {
	title string
	names []string
}{
	{"Form of the result", []string{"format", "output", "quiet", "verbose", "color", "no-redact"}},
	{"In CI", []string{"fail-on", "min-confidence", "output-dir", "force"}},
	{"Engine and time", []string{"host", "context", "timeout", "budget", "log-bytes"}},
}

// printHelp writes what a command does, how it is called, and its flags in groups. Cobra's own help puts all values of
// a flag beside its name, which makes lines of 160 columns.
func printHelp(cmd *cobra.Command, _ []string) {
	w := cmd.OutOrStdout()
	about := cmd.Long
	if about == "" {
		about = cmd.Short
	}
	if about != "" {
		fmt.Fprintln(w, wrapProse(about)+"\n")
	}
	_ = printUsage(cmd)
}

func printUsage(cmd *cobra.Command) error {
	w := cmd.OutOrStdout()
	fmt.Fprintln(w, "Usage:")
	if cmd.Runnable() {
		fmt.Fprintln(w, hanging("  ", "    ", cmd.UseLine()))
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "  %s [command]\n\nCommands:\n", cmd.CommandPath())
		printCommands(w, cmd)
	}
	if cmd.Example != "" {
		fmt.Fprintf(w, "\nExamples:\n%s\n", cmd.Example)
	}
	printFlags(w, cmd)
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "\n%s [command] --help tells more about one of them.\n", cmd.CommandPath())
	}
	return nil
}

func printCommands(w io.Writer, cmd *cobra.Command) {
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			name := fmt.Sprintf("  %-12s", c.Name())
			fmt.Fprintln(w, hanging(name, strings.Repeat(" ", len(name)), c.Short))
		}
	}
}

func printFlags(w io.Writer, cmd *cobra.Command) {
	groups := make([][]*pflag.Flag, len(flagGroups)+1)
	add := func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		at := 0
		for i, g := range flagGroups {
			if slices.Contains(g.names, f.Name) {
				at = i + 1
			}
		}
		groups[at] = append(groups[at], f)
	}
	cmd.LocalFlags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	for i, list := range groups {
		title := "Flags"
		if i > 0 {
			title = flagGroups[i-1].title
		}
		if len(list) > 0 {
			fmt.Fprintf(w, "\n%s:\n", title)
		}
		for _, f := range list {
			printFlag(w, f)
		}
	}
}

// printFlag writes a flag and, beside it or below, what it does.
func printFlag(w io.Writer, f *pflag.Flag) {
	const column = 24
	value, usage := pflag.UnquoteUsage(f)
	if e, ok := f.Value.(*enum); ok {
		value = "WORD"
		usage += ": " + strings.Join(e.allowed, ", ")
	}
	switch value {
	case "string":
		value = "NAME"
	case "duration":
		value = "TIME"
	}
	name := "      --" + f.Name
	if f.Shorthand != "" {
		name = "  -" + f.Shorthand + ", --" + f.Name
	}
	if value != "" {
		name += " " + strings.ToUpper(value)
	}
	if d := f.DefValue; d != "" && d != "false" && d != "[]" && d != "0" {
		usage += " (default " + d + ")"
	}
	blank := strings.Repeat(" ", column)
	if len(name) > column-2 {
		fmt.Fprintln(w, name)
		name = ""
	}
	fmt.Fprintln(w, hanging(fmt.Sprintf("%-*s", column, name), blank, usage))
}

// wrapProse wraps the paragraphs of a text; what is indented stays as it is.
func wrapProse(text string) string {
	var out, words []string
	flush := func() {
		if len(words) > 0 {
			out = append(out, hanging("", "", strings.Join(words, " ")))
			words = nil
		}
	}
	for line := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		if line == "" || line[0] == ' ' || line[0] == '\t' {
			flush()
			out = append(out, line)
			continue
		}
		words = append(words, line)
	}
	flush()
	return strings.Join(out, "\n")
}

// hanging wraps a text behind first, its further lines behind rest.
func hanging(first, rest, text string) string {
	var out strings.Builder
	out.WriteString(first)
	column, begun := len(first), false
	for word := range strings.FieldsSeq(text) {
		switch {
		case begun && column+1+len(word) > helpWidth:
			out.WriteString("\n" + rest + word)
			column = len(rest) + len(word)
		case begun:
			out.WriteString(" " + word)
			column += 1 + len(word)
		default:
			out.WriteString(word)
			column, begun = column+len(word), true
		}
	}
	return out.String()
}
