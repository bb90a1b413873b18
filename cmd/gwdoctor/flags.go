package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/docker/go-units"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// enum is a flag with few values: one list gives validation, help and completion.
type enum struct {
	value   string
	allowed []string
}

func (e *enum) String() string { return e.value }
func (e *enum) Type() string   { return strings.Join(e.allowed, "|") }

func (e *enum) Set(s string) error {
	if !slices.Contains(e.allowed, s) {
		return fmt.Errorf("want %s", strings.Join(e.allowed, ", "))
	}
	e.value = s
	return nil
}

// addEnum adds an enum flag by its name, or "name,n" with a short one; the first
// allowed value is the default.
func addEnum(cmd *cobra.Command, flags *pflag.FlagSet, e *enum, name, usage string, allowed ...string) {
	e.value, e.allowed = allowed[0], allowed
	name, short, _ := strings.Cut(name, ",")
	flags.VarP(e, name, short, usage)
	complete := cobra.FixedCompletions(slices.Clone(allowed), cobra.ShellCompDirectiveNoFileComp)
	if err := cmd.RegisterFlagCompletionFunc(name, complete); err != nil {
		panic(err) // the flag does not exist, or twice: a mistake in this program
	}
}

// size is a flag in bytes: 1048576, 64k, 16MiB. Units are powers of two.
type size int64

const maxSize = 60 << 20 // a bundle's file holds 64 MiB

func (s *size) Type() string { return "SIZE" }

func (s *size) String() string {
	if *s > 0 && *s%(1<<20) == 0 {
		return fmt.Sprintf("%dMiB", *s>>20)
	}
	return strconv.FormatInt(int64(*s), 10)
}

func (s *size) Set(text string) error {
	n, err := units.RAMInBytes(text)
	switch {
	case err != nil:
		return fmt.Errorf("want a size such as 16MiB or 64k")
	case n < 1 || n > maxSize:
		return fmt.Errorf("want 1 byte to 60MiB: more does not fit into a bundle")
	}
	*s = size(n)
	return nil
}
