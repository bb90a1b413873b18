package source

import (
	"fmt"
	"net/http"
)

// StaysHTTP refuses an answer that leaves HTTP (101, or a 1xx that is its last word): nobody asked for it, and net/http
// hands out such a connection as a body that heeds no context, so reading it hangs for ever.
type StaysHTTP struct{ Base http.RoundTripper }

// RoundTrip makes one call.
func (s StaysHTTP) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := s.Base.RoundTrip(req)
	if err != nil || resp.StatusCode >= http.StatusOK {
		return resp, err
	}
	_ = resp.Body.Close() // nothing in it is read
	return nil, fmt.Errorf("the server switches to another protocol, which was not asked for (HTTP status %d)",
		resp.StatusCode)
}
