package servicelog

import (
	"fmt"
	"strings"
	"testing"
)

// TestAccessRecord: which JSON objects are answers to requests, and which are not.
func TestAccessRecord(t *testing.T) {
	for object, want := range map[string]string{
		`{"remote_addr":"172.17.0.1","request":"GET /orders HTTP/1.1","status":"502","bytes":0}`:                       "/orders 502",
		`{"msg":"handled request","request":{"remote_ip":"::1","method":"GET","uri":"/o"},"status":503}`:               "/o 503",
		`{"req":{"method":"GET","url":"/o","remoteAddress":"10.0.0.7"},"res":{"statusCode":500}}`:                      "/o 500",
		`{"ClientHost":"10.0.0.7","DownstreamStatus":504,"RequestMethod":"GET","RequestPath":"/o"}`:                    "/o 504",
		`{"response_code":503,"path":"/o","method":"POST","downstream_remote_address":"10.0.0.7:41"}`:                  "/o 503",
		`{"event":"request","http.method":"GET","http.target":"/o?a=1","http.status_code":200,"client_ip":"10.0.0.7"}`: "/o?a=1 200",
		// a client tells of its own calls
		`{"msg":"call failed","method":"GET","path":"/v1/prices","status":502}`:        "",
		`{"method":"GET","url":"http://prices/v1","status_code":502,"client":"httpx"}`: "",
		`{"ip":"10.0.0.7","method":"GET","url":"http://prices/v1","status":502}`:       "",
		`{"remote_addr":"10.0.0.7","method":"GET","path":"/o","status":"failed"}`:      "",
		`{"remote_addr":"10.0.0.7","method":"charge","path":"/o","status":500}`:        "",
		`{"remote_addr":"10.0.0.7","method":"GET","path":"/o","status":500`:            "",
		`{"level":"info","msg":"status of the queue: 500","path":"/var/spool"}`:        "",
		`{"a":{"b":{"request":"GET /o HTTP/1.1"}},"status":500}`:                       "",
	} {
		got := ""
		if a, ok := accessRecord([]byte(object)); ok {
			got = fmt.Sprint(string(a.path), " ", a.status)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", object, got, want)
		}
	}
}

// TestAnswersOfRecords: requests that fail are seen in logs of JSON, with a message of a logger or without.
func TestAnswersOfRecords(t *testing.T) {
	for name, line := range map[string]string{
		"bare":    `{"remote_addr":"172.17.0.1","request":"GET /orders HTTP/1.1","status":"502"}`,
		"message": `{"level":"error","msg":"handled request","request":{"remote_ip":"10.0.0.1","method":"GET","uri":"/o"},"status":502}`,
	} {
		only(t, scan(t, cri(strings.Split(strings.Repeat("1 "+line+"\n", 9)+"2 "+line, "\n")...)), "answers-fail")
		good := strings.ReplaceAll(line, "502", "200")
		for _, f := range scan(t, cri(strings.Split(strings.Repeat("1 "+good+"\n", 9)+"2 "+good, "\n")...)).Runs[0].Findings {
			t.Errorf("%s, all well: %+v", name, f)
		}
	}
}
