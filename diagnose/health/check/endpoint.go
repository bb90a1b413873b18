package check

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
)

// Endpoint is where a check asks, as far as its words tell.
type Endpoint struct {
	Scheme, Path string
	Port         int
	Local        bool // localhost or a loopback address
}

var checkURL = lazyregexp.New(`(https?)://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?(/[A-Za-z0-9._~!$&()*+,;=:@%/?-]*)?`)

// askedElsewhere are words of curl and wget by which a request does not go where its URL says: a socket of the file
// system, a proxy, another address.
var askedElsewhere = lazyregexp.New(`--(?:abstract-)?unix-socket|--connect-to|--proxy\b|\s-x\s|https?_proxy=`)

// EndpointOf finds the URL in a check; its Port is 0 where there is none, or where the request goes elsewhere.
func EndpointOf(test []string) Endpoint {
	text := Parse(test).Text
	m := checkURL().FindStringSubmatch(text)
	if m == nil || askedElsewhere().MatchString(text) {
		return Endpoint{}
	}
	e := Endpoint{Scheme: m[1], Path: strings.TrimRight(m[4], `"')`), Port: 80}
	if e.Scheme == "https" {
		e.Port = 443
	}
	if m[3] != "" {
		e.Port, _ = strconv.Atoi(m[3])
	}
	if e.Path == "" {
		e.Path = "/"
	}
	host := strings.Trim(m[2], "[]")
	addr, err := netip.ParseAddr(host)
	e.Local = host == "localhost" || host == "0.0.0.0" || err == nil && addr.IsLoopback()
	if e.Port > 65535 {
		return Endpoint{}
	}
	return e
}

// HasAlternative tells whether a check may pass without what its first URL answers: it asks elsewhere as well, or
// something else decides before.
func HasAlternative(test []string) bool {
	before, behind, _ := strings.Cut(Parse(test).Text, "://")
	return strings.Contains(behind, "://") || strings.Contains(before, "||") || strings.Contains(before, "if ")
}
