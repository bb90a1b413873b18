package command

import (
	"strings"
	"testing"
)

// hidden returns a command line with what is secret in it as dots.
func hidden(text string) string {
	words := strings.Fields(text)
	tool, ok := Find([]byte(words[0]))
	if !ok {
		return text
	}
	line := Line{Tool: tool}
	for i, word := range words[1:] {
		if from, hide := line.Next([]byte(word)); hide {
			words[i+1] = word[:from] + "…"
		}
	}
	return strings.Join(words, " ")
}

// TestLines: secrets by their flag, by their place, and in pairs; the same letters of other programs are none.
func TestLines(t *testing.T) {
	for text, want := range map[string]string{
		"mysql -uroot -phunter2 shop":        "mysql -uroot -p… shop",
		"/usr/bin/redis-cli -h db -a x ping": "/usr/bin/redis-cli -h db -a … ping",
		"curl -fsSu bob:x https://a":         "curl -fsSu bob:… https://a",
		"rabbitmqctl add_user bob x":         "rabbitmqctl add_user bob …",
		"openssl enc -k x -pass env:NAME":    "openssl enc -k … -pass env:NAME",
		"docker run -p 80:80 nginx":          "docker run -p 80:80 nginx",
		"htpasswd -nb bob x":                 "htpasswd -nb bob …",
		"cat -p x":                           "cat -p x",
		"kubectl exec pod -- mysql -px":      "kubectl exec pod -- mysql -px",
		"sudo mysql -px":                     "sudo mysql -px",
		"docker exec db redis-cli -a x":      "docker exec db redis-cli -a …",
		"sqlplus scott/tiger@db @init.sql":   "sqlplus scott/… @init.sql",
		"radtest bob x localhost 0 testing1": "radtest bob … localhost 0 …",
	} {
		if got := hidden(text); got != want {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
}
