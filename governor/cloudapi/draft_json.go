package cloudapi

import "unicode/utf8"

// readJSON checks the body and picks the members out of it in one pass. What
// was found along the way counts only once the whole has turned out valid.
func (d *draft) readJSON(body []byte) error {
	s := syntax{doc: body}
	start := s.space(0)
	isObject, end := s.at(start) == '{', 0
	if isObject {
		end = d.pick(s, start)
	} else {
		end = s.value(start, 0)
	}
	switch {
	case end < 0 || s.space(end) != len(body) || !utf8.Valid(body):
		return unreadable("body: not JSON in UTF-8")
	case !isObject:
		return unreadable("body: not an object")
	case d.twice != "":
		return unreadable(d.twice + ": given twice")
	}
	return nil
}

// pick picks the members out of the object that starts at i. Like the methods
// of syntax, it returns the index after it, negative if it is invalid.
func (d *draft) pick(s syntax, i int) int {
	return s.members(i, 1, func(key []byte, at, depth int) int {
		slot := d.slot(key)
		if slot == nil {
			return s.value(at, depth)
		}
		if *slot != nil && d.twice == "" {
			d.twice = string(key)
		}
		var end int
		if slot == &d.template && s.at(at) == '{' {
			end = d.pickTemplate(s, at, depth+1)
		} else {
			end = s.value(at, depth)
		}
		*slot = s.between(at, end)
		return end
	})
}

// pickTemplate is pick for the template.
func (d *draft) pickTemplate(s syntax, i, depth int) int {
	return s.members(i, depth, func(key []byte, at, depth int) (end int) {
		slot := &d.name
		switch string(key) {
		case "name":
			end = s.value(at, depth)
		case "language":
			slot = &d.language
			if s.at(at) == '{' {
				end = d.pickCode(s, at, depth+1)
			} else {
				end = s.value(at, depth)
			}
		default:
			return s.value(at, depth)
		}
		if *slot != nil && d.templateTwice == "" {
			d.templateTwice = string(key)
		}
		*slot = s.between(at, end)
		return end
	})
}

// pickCode is pick for a template's language.
func (d *draft) pickCode(s syntax, i, depth int) int {
	d.code, d.codeTwice = nil, false
	return s.members(i, depth, func(key []byte, at, depth int) int {
		end := s.value(at, depth)
		if string(key) == "code" {
			d.codeTwice = d.codeTwice || d.code != nil
			d.code = s.between(at, end)
		}
		return end
	})
}
