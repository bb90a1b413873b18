// Package place knows where a secret stands by its place alone, with no name before it that tells:
//
//	AUTH hunter2                          redis
//	mysql -phunter2 shop                  a command line
//	echo hunter2 | sudo -S id             what a program reads from its standard input
//	mysqli_connect('db', 'root', 'x')     a function's argument
//	parameters: $1 = 'bob', $2 = 'x'      what a statement has placeholders for
package place

import (
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/page"
)

// literal is a text that a rule wants to look at.
type literal struct {
	text string
	rule page.Rule
}

// Commands are the names of programs, and what is piped into them.
func Commands() []page.Literal { return exported(slices.Concat(pipedLiterals(), toolLiterals())) }

// Calls are the names of functions and the addresses that they take.
func Calls() []page.Literal { return exported(slices.Concat(callLiterals(), procedureLiterals())) }

// Protocols are words of protocols and of settings after which a secret stands bare.
func Protocols() []page.Literal {
	list := slices.Concat(protocolLiterals(), pairLiterals())
	for _, word := range peerWords {
		list = append(list, literal{word, peerRule})
	}
	return exported(list)
}

func exported(list []literal) []page.Literal {
	all := make([]page.Literal, len(list))
	for i, l := range list {
		all[i] = page.Literal{Text: l.text, Rule: l.rule}
	}
	return all
}

// Directives are names in files of settings and in commands whose value is the next word, whatever it is.
var Directives = ascii.Words(`requirepass masterauth rootpw bindpw storepass keypass`)
