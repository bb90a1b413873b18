package document

import (
	"strings"
	"testing"
)

func TestPage(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"breaks", "a &lt;b&gt;<br/>\n  File &quot;x&quot;<br>\nc<br />\n", "a <b>\n  File \"x\"\nc\n"},
		{"elements", "<div><span>09:06</span> <span>  one</span></div>\n<div><span>09:07</span> <span>two</span></div>\n",
			"09:06   one\n09:07 two\n"},
		{"rows in one line", "<table><tr><td>1</td><td>one</td></tr><tr><td>2</td><td>two</td></tr></table>",
			"1 one\n2 two\n"},
		{"records with times", `<log><e time="2026-11-23"><m>one</m></e><e time="2026-11-24"><m>two</m></e></log>`,
			"2026-11-23 one\n2026-11-24 two\n"},
		{"indented source", "<ul>\n   <li>one</li>\n   <li>two</li>\n</ul>\n", "one\ntwo\n"},
		{"sections", "<l><m><![CDATA[a <b> ]] c]]></m></l>\n<l><m><![CDATA[d]]></m></l>\n", "a <b> ]] c\nd\n"},
		{"what is no element", "<p>in &lt;module&gt;</p>\n<p>in <module></p>\n<p>a < b</p>\n",
			"in <module>\nin <module>\na < b\n"},
		{"a tag that is cut off", "<p>one</p>\n<p>two</p>\n<p>three</p>\n<p cla", "one\ntwo\nthree\n<p cla\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, size := range []int{1, 3, len(test.in)} {
				p := newPage([]byte(test.in))
				if p == nil {
					t.Fatal("it is no page")
				}
				var out []byte
				for rest := test.in; rest != ""; {
					n := min(size, len(rest))
					out = p.Feed(out, []byte(rest[:n]))
					rest = rest[n:]
				}
				if got := string(p.End(out)); got != test.want {
					t.Errorf("in pieces of %d: %q, want %q", size, got, test.want)
				}
			}
		})
	}
}

// TestNoPage: what has a '<' here and there, or one element, stays as it is.
func TestNoPage(t *testing.T) {
	for _, text := range []string{
		"",
		"<4>one\n<6>two\n",
		"<Response [200]>\n<Response [500]>\n",
		"<msg>Worker (pid:7) was sent SIGKILL!</msg>",
		"Traceback (most recent call last):\n  File \"x\", line 1, in <module>\n  File \"y\", line 2, in <lambda>\n",
		"INFO sent <b>hello</b>\nINFO sent <b>world</b> to 3\nINFO done\n",
	} {
		if newPage([]byte(text)) != nil {
			t.Errorf("%q is taken for a page", text)
		}
	}
	long := "<p>a</p>\n<p>" + strings.Repeat("x", 3*maxTag) + "<" + strings.Repeat("y", 3*maxTag) + "</p>\n"
	p := newPage([]byte(long))
	if p == nil {
		t.Fatal("it is no page")
	}
	if got := len(p.End(p.Feed(nil, []byte(long)))); got != len("a\n")+6*maxTag+len("<\n") {
		t.Errorf("%d bytes are left of text with a '<' that no '>' follows", got)
	}
}
