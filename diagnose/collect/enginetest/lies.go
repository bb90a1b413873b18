package enginetest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// lies are faults of what answers in an engine's place: of a proxy, of a broken engine, of one that changes between
// two calls. Each gets the right answer, to spoil it.
func lies() []Fault {
	list := []Fault{
		{Name: "hangs in endless headers", Hangs: true, Serve: spoken("HTTP/1.1 200 OK\r\n", headers)},
		{Name: "hangs in the trailer", Hangs: true, Sample: true, Spoil: trailing},
		{Name: "hangs in a chunk", Hangs: true, Serve: spoken("HTTP/1.1 200 OK\r\nTransfer-Encoding: "+
			"chunked\r\n\r\nffffffff\r\n[{\"Id\":\"", hold)},
		{Name: "says a length too short", Partly: true, Spoil: measured(-7)},
		{Name: "says a length too long", Spoil: measured(7)},
		{Name: "sends packed zeros", Serve: packed},
		{Name: "redirects in a circle", Serve: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusMovedPermanently)
		}},
		{Name: "redirects elsewhere", Serve: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
		}},
		{Name: "says that it was removed", Sample: true, Serve: Refuse(404, "No such container: web")},
		{Name: "nests too deep", Serve: Body(strings.Repeat("[", 100_000))},
	}
	for _, code := range []int{204, 400, 401, 403, 404, 429, 500, 503} {
		list = append(list, Fault{Name: fmt.Sprintf("answers %d with a page", code), Sample: code == 404, Serve: page(code)})
	}
	for depth := 1; depth <= 4; depth++ {
		for name, wrong := range map[string]any{"a number": 42, "a text": "no", "a list": []any{1}, "nothing": nil} {
			list = append(list, Fault{Name: fmt.Sprintf("has %s at level %d", name, depth), Partly: depth > 1,
				Spoil: mistyped(depth, wrong)})
		}
	}
	return list
}

// once is the answer that an endpoint would give.
func once(right http.HandlerFunc, r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	right(rec, r)
	return rec
}

// headers sends one header after the other.
func headers(conn net.Conn) {
	for i := 0; ; i++ {
		if _, err := fmt.Fprintf(conn, "X-%d: y\r\n", i); err != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// trailing gives the whole answer and does not end it.
func trailing(right http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		chunks := ""
		if text := once(right, r).Body.String(); text != "" {
			chunks = fmt.Sprintf("%x\r\n%s\r\n", len(text), text)
		}
		spoken("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-End\r\n\r\n"+chunks+"0\r\n", hold)(w, r)
	}
}

// measured says a length that is wrong by some bytes, and closes.
func measured(by int) func(http.HandlerFunc) http.HandlerFunc {
	return func(right http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			text := once(right, r).Body.String()
			spoken(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", max(0, len(text)+by), text),
				func(net.Conn) {})(w, r)
		}
	}
}

// zeros is 1 GiB of zeros, packed.
var zeros = sync.OnceValue(func() []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	block := make([]byte, 1<<20)
	for range 1 << 10 {
		if _, err := w.Write(block); err != nil {
			panic(err) // into memory
		}
	}
	_ = w.Close() // likewise
	return out.Bytes()
})

func packed(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Encoding", "gzip")
	_, _ = w.Write(zeros()) // the client may have enough of it
}

// page is what a proxy or another server answers.
func page(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(code)
		fmt.Fprintf(w, "<html><head><title>%d</title></head>\n<body><h1>%d</h1>\n##[error]page</body></html>", code, code)
	}
}

// mistyped puts a value of the wrong kind in the place of all that stand at some depth of the answer.
func mistyped(depth int, wrong any) func(http.HandlerFunc) http.HandlerFunc {
	return func(right http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			rec := once(right, r)
			var body any
			if json.Unmarshal(rec.Body.Bytes(), &body) != nil {
				body = wrong
			}
			text, err := json.Marshal(replaced(body, depth-1, wrong))
			if err != nil {
				panic(err) // it was JSON
			}
			w.WriteHeader(rec.Code)
			_, _ = w.Write(text)
		}
	}
}

func replaced(v any, depth int, wrong any) any {
	if depth == 0 {
		return wrong
	}
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			v[key] = replaced(value, depth-1, wrong)
		}
	case []any:
		for i, value := range v {
			v[i] = replaced(value, depth-1, wrong)
		}
	}
	return v
}

// Wholes are faults of an engine as a whole, by name.
func Wholes() map[string]func(*Engine) {
	spoils := map[string]func(http.HandlerFunc) http.HandlerFunc{
		"closes after the connect":      func(http.HandlerFunc) http.HandlerFunc { return spoken("", nothing) },
		"a server that is no engine":    func(http.HandlerFunc) http.HandlerFunc { return page(404) },
		"a proxy that forbids all":      func(http.HandlerFunc) http.HandlerFunc { return page(403) },
		"a proxy that lets GET pass":    getsOnly,
		"an older version than it says": versioned,
	}
	list := map[string]func(*Engine){}
	for name, spoil := range spoils {
		list[name] = func(f *Engine) { f.everywhere(spoil) }
	}
	list["removed after the first call"] = func(f *Engine) { f.everywhere(removed()) }
	list["another engine at each call"] = func(f *Engine) { f.everywhere(turning()) }
	return list
}

func nothing(net.Conn) {}

// everywhere spoils every answer, those to paths that are not known too.
func (f *Engine) everywhere(spoil func(http.HandlerFunc) http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for path, right := range f.Routes {
		f.Routes[path] = spoil(right)
	}
	f.unknown = spoil(Refuse(404, "page not found"))
}

func getsOnly(right http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			page(403)(w, r)
			return
		}
		right(w, r)
	}
}

// removed answers of each container once.
func removed() func(http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	asked := 0
	return func(right http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if path := r.URL.Path; strings.Contains(path, "/containers/") && !strings.HasSuffix(path, "/containers/json") {
				mu.Lock()
				asked++
				gone := asked > 1
				mu.Unlock()
				if gone {
					Refuse(404, "No such container: "+path)(w, r)
					return
				}
			}
			right(w, r)
		}
	}
}

// turning names another version in each answer, some of them none.
func turning() func(http.HandlerFunc) http.HandlerFunc {
	versions := []string{"1.41", "1.24", "999.1", "", "1.56", "two"}
	var mu sync.Mutex
	asked := 0
	return func(right http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			w.Header().Set("Api-Version", versions[asked%len(versions)])
			asked++
			mu.Unlock()
			right(w, r)
		}
	}
}

// versioned refuses the version that it named itself.
func versioned(right http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if versionPrefix.MatchString(r.URL.Path) {
			Refuse(400, "client version 1.41 is too new. Maximum supported API version is 1.24")(w, r)
			return
		}
		right(w, r)
	}
}
