package servicelog

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/jsontext"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
)

// accessRecord reads an access log of one JSON object a line, as nginx, Caddy, Traefik, Envoy, pino and services of
// their own write it, with the message of a logger or without:
//
//	{"remote_addr":"172.17.0.1","request":"GET /orders HTTP/1.1","status":"502"}
//	{"msg":"handled request","request":{"remote_ip":"172.17.0.1","method":"GET","uri":"/orders"},"status":502}
//	{"req":{"method":"GET","url":"/orders","remoteAddress":"172.17.0.1"},"res":{"statusCode":500}}
//
// It must tell who asked: a client that logs its own calls has a method, a path and a status too.
func accessRecord(object []byte) (access, bool) {
	if len(object) == 0 || !bytes.Contains(object, []byte("tatus")) && !bytes.Contains(object, []byte("esponse_code")) {
		return access{}, false
	}
	var r accessFields
	end := jsontext.EachMember(object, func(key, value []byte) bool { r.take(key, value, true); return true })
	a := access{path: r.path, status: r.status}
	return a, end > 0 && r.asker && isMethod(r.method) && len(r.path) > 0 && r.status >= 100 && r.status < 600
}

// accessFields are what an access record tells of one request. The slices are of the record.
type accessFields struct {
	method, path []byte
	status       int
	asker        bool
}

// take reads a member by its name, however that is written: status_code, statusCode, http.status_code.
func (r *accessFields) take(key, value []byte, outermost bool) {
	var buffer [32]byte
	switch string(plainKey(buffer[:0], key)) {
	case "status", "statuscode", "responsecode", "responsestatus", "httpstatus", "httpstatuscode",
		"httpresponsestatuscode", "downstreamstatus":
		if n, ok := lex.Number(unquoted(value)); ok {
			r.status = n
		}
	case "method", "requestmethod", "httpmethod", "httprequestmethod", "verb":
		r.method = unquoted(value)
	case "path", "uri", "url", "requesturi", "requestpath", "requesturl", "httppath", "httptarget", "urlpath":
		if path := unquoted(value); len(path) > 0 && path[0] == '/' { // a whole URL is what a client asks for
			r.path = path
		}
	case "remoteaddr", "remoteip", "remoteaddress", "remotehost", "clientip", "clientaddr", "clientaddress", "clienthost",
		"client", "ip", "downstreamremoteaddress":
		address := unquoted(value)
		r.asker = r.asker || len(address) > 0 && (lex.IsDigit(address[0]) || address[0] == '[' || address[0] == ':')
	case "request", "req", "res", "response", "http", "httprequest":
		r.nested(value, outermost)
	}
}

// nested reads "GET /orders HTTP/1.1", or an object that holds the request or the response.
func (r *accessFields) nested(value []byte, outermost bool) {
	if value[0] == '{' && outermost {
		jsontext.EachMember(value, func(key, value []byte) bool { r.take(key, value, false); return true })
		return
	}
	method, rest, _ := bytes.Cut(unquoted(value), []byte(" "))
	path, version, ok := bytes.Cut(rest, []byte(" "))
	if ok && len(path) > 0 && path[0] == '/' && bytes.HasPrefix(version, []byte("HTTP/")) {
		r.method, r.path, r.asker = method, path, true // a server's own line
	}
}

// plainKey appends the letters and digits of a key, small.
func plainKey(to, key []byte) []byte {
	for _, c := range key[:min(len(key), cap(to))] {
		switch {
		case c >= 'A' && c <= 'Z':
			to = append(to, c+'a'-'A')
		case c >= 'a' && c <= 'z' || lex.IsDigit(c):
			to = append(to, c)
		}
	}
	return to
}

// unquoted is the inside of a string as it is written, or the value itself.
func unquoted(value []byte) []byte {
	if len(value) > 1 && value[0] == '"' {
		return value[1 : len(value)-1]
	}
	return value
}

// isMethod tells GET from what else may be called a method.
func isMethod(b []byte) bool {
	for _, c := range b {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return len(b) >= 3 && len(b) <= 7
}
