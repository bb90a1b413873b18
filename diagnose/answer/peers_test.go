package answer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPeersIn: real clients' words for a service that they cannot reach, and lines
// that only look so.
func TestPeersIn(t *testing.T) {
	for text, want := range map[string]string{
		"redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.": "redis:6379",
		"redis.exceptions.ConnectionError: Error -2 connecting to cache.internal:6379. Name or service " +
			"not known.": "cache.internal:6379",
		"dial tcp 172.18.0.3:5432: connect: connection refused": "172.18.0.3:5432",
		`psycopg.OperationalError: connection to server at "db" (172.18.0.4), ` +
			"port 5432 failed: Connection refused": "db:5432",
		`could not translate host name "db" to address: Name or service not known`: "db:0",
		"requests.exceptions.ConnectionError: HTTPConnectionPool(host='chroma', port=8000): Max retries exceeded with " +
			"url: / (Caused by: refused)": "chroma:8000",
		"Error: getaddrinfo ENOTFOUND redis":                                           "redis:0",
		"Error: connect ECONNREFUSED 172.18.0.3:6379":                                  "172.18.0.3:6379",
		"dial tcp: lookup rabbitmq on 127.0.0.11:53: no such host":                     "rabbitmq:0",
		"ConnectionRefusedError: [Errno 111] Connect call failed ('172.30.0.2', 6379)": "172.30.0.2:6379",
		"curl: (7) Failed to connect to localhost port 8000: Connection refused":       "",
		"connect to 127.0.0.1:8000 failed: refused":                                    "",
		"12:30:45 ERROR main.py:33 request failed: timed out":                          "",
		`INFO: 172.18.0.7:4711 - "GET /orders/7 HTTP/1.1" 200 OK`:                      "",
		"server listening on gateway:8000":                                             "",
		"redis.exceptions.ConnectionError: Too many connections":                       "",
		"failed to reach [::1]:8000":                                                   "",
		strings.Repeat("refused redis:6379 ", 100_000):                                 "",
	} {
		got := []string{}
		for _, p := range peersIn(text) {
			got = append(got, fmt.Sprintf("%s:%d", p.host, p.port))
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%.80s (-want +got):\n%s", text, diff)
		}
	}
}
