package sanitize

import "testing"

// TestCommandsAreBrokenUp: each in the way of its syntax, and nothing else.
func TestCommandsAreBrokenUp(t *testing.T) {
	for _, test := range []struct {
		syntax   Syntax
		in, want string
	}{
		{Prose, "::error::x\n", ": :error::x\n"}, {Prose, "a\n \t::set-output name=x::y", "a\n \t: :set-output name=x::y"},
		{Prose, "a ::error:: b\n", "a ::error:: b\n"},
		{Prose, "| ##[error]x ##vso[task.x]y\n", "| # #[error]x # #vso[task.x]y\n"},
		{Prose, "## Heading [x]", "## Heading [x]"}, {Prose, "", ""},
		{Prose, "\x1b[1m::error::\x1b[0m", "\x1b[1m: :error::\x1b[0m"}, {Prose, "std::vector a::b\n", "std::vector a::b\n"},
		{Prose, "------\n-- a\n--- b\n", "------\n-- a\n --- b\n"}, {Markdown, "```\n+++ b/x\n```", "```\n +++ b/x\n```"},
		{Markdown, "| --- | --- |", "| --- | --- |"},
		{JSON, `{"a": "##[error]\n::x section_start:1:b"}`, `{"a": "\u0023#[error]\n::x section\u005fstart:1:b"}`},
		{HTML, "<p>##vso[x]\n::y", "<p>&#35;#vso[x]\n&#58;:y"}, {XML, "<a>##teamcity[x", "<a>&#35;#teamcity[x"},
		{Commands, "::error::x ##[y]\n", "::error::x # #[y]\n"},
	} {
		if got := string(test.syntax.WithoutCommands([]byte(test.in))); got != test.want {
			t.Errorf("%s: %q became %q, want %q", test.syntax, test.in, got, test.want)
		}
	}
}
