package document

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/jsontext"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/record"
)

// appendPieces appends a value in which no record is known, in lines that are short enough to be read whole: an array
// element by element, what is too long member by member.
func appendPieces(out, value []byte, depth int) []byte {
	n := len(out)
	piece := func(name, v []byte) {
		if (v[0] == '[' || v[0] == '{') && len(v) > maxString && depth < maxNest {
			out = appendPieces(out, v, depth+1)
			return
		}
		if name != nil {
			out = append(append(append(out, '"'), name...), `":`...)
		}
		out = append(append(out, v...), '\n')
	}
	switch {
	case value[0] == '[' && (depth == 0 || len(value) > maxString):
		jsontext.EachElement(value, func(element []byte) { piece(nil, element) })
	case value[0] == '{' && len(value) > maxString:
		jsontext.EachMember(value, func(key, member []byte) bool {
			piece(key, member)
			return true
		})
	}
	if len(out) == n {
		out = append(append(out, value...), '\n')
	}
	return out
}

// appendRecords appends the records in a value, each on a line: an object with a text, or those in its members.
func appendRecords(out, value []byte, depth int) []byte {
	if depth > record.MaxNested+2 {
		return out
	}
	if value[0] == '[' {
		return appendElements(out, value, depth)
	}
	r := record.New()
	if r.Read(value); r.Text != nil {
		return append(append(out, value...), '\n')
	}
	n := len(out)
	if out = appendPairs(out, value); len(out) > n {
		return out
	}
	if out = appendTable(out, value); len(out) > n {
		return out
	}
	jsontext.EachMember(value, func(key, member []byte) bool {
		if member[0] == '[' && record.IsText(string(key)) {
			out = appendRecords(out, member, 0)
		} else if member[0] == '[' && isFieldList(member) {
			out = appendFields(out, member)
		} else if member[0] == '{' || member[0] == '[' {
			out = appendRecords(out, member, depth+1)
		}
		return true
	})
	return out
}

// appendElements appends the records of an array. Where some of its elements are records, the others are passed on as
// they stand.
func appendElements(out, array []byte, depth int) []byte {
	records, others := 0, 0
	begin := len(out)
	for pass := range 2 {
		jsontext.EachElement(array, func(element []byte) {
			n := len(out)
			switch {
			case element[0] == '{' || element[0] == '[':
				out = appendRecords(out, element, depth+1)
			case element[0] == '"' && depth == 0: // a list of lines
				out = append(append(append(out, `{"line":`...), element...), "}\n"...)
			}
			switch {
			case len(out) > n:
				records++
			case pass > 0 && len(element) < maxString:
				out = append(append(out, element...), '\n')
			default:
				others++
			}
		})
		if records == 0 || others == 0 || pass > 0 {
			break
		}
		out = out[:begin]
	}
	return out
}

// appendPairs appends the lines of a stream as Loki's API answers: {"stream": {labels}, "values":
// [["1764580000000000000", "line"], …]}.
func appendPairs(out, value []byte) []byte {
	var labels, values []byte
	jsontext.EachMember(value, func(key, member []byte) bool {
		switch {
		case string(key) == "stream" && member[0] == '{':
			labels = member
		case string(key) == "values" && member[0] == '[':
			values = member
		}
		return true
	})
	if labels == nil || values == nil {
		return out
	}
	jsontext.EachElement(values, func(pair []byte) { out = appendPair(out, labels, pair) })
	return out
}

// appendPair appends one of these lines, where pair is one.
func appendPair(out, labels, pair []byte) []byte {
	if labels == nil || pair[0] != '[' {
		return out
	}
	var parts [][]byte
	jsontext.EachElement(pair, func(e []byte) { parts = append(parts, e) })
	if len(parts) < 2 || parts[0][0] != '"' || parts[1][0] != '"' {
		return out
	}
	out = append(append(out, `{"labels":`...), labels...)
	out = append(append(out, `,"timestamp":`...), parts[0]...)
	out = append(append(out, `,"line":`...), parts[1]...)
	return append(out, "}\n"...)
}

// appendTable appends the rows of a table as those answer who name the columns once (Azure Monitor, ClickHouse,
// Athena):
// {"columns": [{"name": "TimeGenerated"}, {"name": "LogEntry"}], "rows": [["2026-11-23T09:06:15Z", "line"], …]}.
func appendTable(out, value []byte) []byte {
	var names [][]byte
	var rows []byte
	jsontext.EachMember(value, func(_, member []byte) bool {
		if member[0] == '[' && rows == nil && bytes.HasPrefix(bytes.TrimLeft(member[1:], " \t\r\n"), []byte("[")) {
			rows = member
		} else if member[0] == '[' && names == nil {
			names = namesListed(member)
		}
		return true
	})
	if len(names) < 2 || rows == nil {
		return out
	}
	jsontext.EachElement(rows, func(row []byte) { out = appendRow(out, names, row) })
	return out
}

// namesListed returns the names that an array lists, as they stand in JSON; nil where it lists something else.
func namesListed(array []byte) (names [][]byte) {
	jsontext.EachElement(array, func(element []byte) {
		switch element[0] {
		case '"':
			names = append(names, element)
		case '{':
			jsontext.EachMember(element, func(key, member []byte) bool {
				named := bytes.EqualFold(key, []byte("name")) && member[0] == '"'
				if named {
					names = append(names, member)
				}
				return !named
			})
		}
	})
	return names
}

// appendRow appends the row of a table as a record, where it has a cell for each column.
func appendRow(out []byte, names [][]byte, row []byte) []byte {
	var cells [][]byte
	if row[0] == '[' {
		jsontext.EachElement(row, func(cell []byte) { cells = append(cells, cell) })
	}
	if len(cells) != len(names) {
		return out
	}
	for i, cell := range cells {
		out = append(out, map[bool]byte{true: '{', false: ','}[i == 0])
		out = append(append(append(out, names[i]...), ':'), cell...)
	}
	return append(out, "}\n"...)
}

// isFieldList tells whether an array holds rows of fields, as CloudWatch Logs Insights answers:
// [[{"field": "@timestamp", "value": "…"}, {"field": "@message", "value": "…"}], …].
func isFieldList(array []byte) bool {
	rest := bytes.TrimLeft(array[1:], " \t\r\n")
	return bytes.HasPrefix(rest, []byte("[")) && bytes.Contains(rest[:min(len(rest), 200)], []byte(`"field"`))
}

func appendFields(out, array []byte) []byte {
	jsontext.EachElement(array, func(row []byte) {
		if row[0] != '[' {
			return
		}
		n := len(out)
		jsontext.EachElement(row, func(cell []byte) {
			var field, value []byte
			jsontext.EachMember(cell, func(key, v []byte) bool {
				switch string(key) {
				case "field":
					field = v
				case "value":
					value = v
				}
				return true
			})
			if field != nil && value != nil {
				out = append(out, map[bool]byte{true: '{', false: ','}[len(out) == n])
				out = append(append(append(out, field...), ':'), value...)
			}
		})
		if len(out) > n {
			out = append(out, "}\n"...)
		}
	})
	return out
}
