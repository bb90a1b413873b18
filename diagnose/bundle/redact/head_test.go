package redact

import "testing"

// TestLiteralInTheHead: a rule whose literal begins with the blank that ends a record's head reads nothing before it.
func TestLiteralInTheHead(t *testing.T) {
	for _, l := range allLiterals() {
		for _, more := range []string{"", " x", " a b c", "'x', 'y'", "= y"} {
			s := testShape{text: l.text + more}
			if l.text[0] == ' ' {
				s.text = l.text[1:] + more
			}
			s.inLog()
		}
	}
}
