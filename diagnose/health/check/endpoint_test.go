package check

import "testing"

// TestEndpointElsewhere: what a request's own words send elsewhere does not go where its URL says.
func TestEndpointElsewhere(t *testing.T) {
	for text, port := range map[string]int{
		"curl -fs http://localhost:8080/health":                         8080,
		"curl -fs --unix-socket /run/app.sock http://localhost/health":  0,
		"curl -fs --connect-to ::10.0.0.5:8443 https://localhost/":      0,
		"curl -fs -x http://proxy:3128 http://localhost:8080/":          0,
		"http_proxy=http://proxy:3128 wget -qO- http://localhost:8080/": 0,
	} {
		if got := EndpointOf([]string{"CMD-SHELL", text}).Port; got != port {
			t.Errorf("%s: %d, want %d", text, got, port)
		}
	}
}
