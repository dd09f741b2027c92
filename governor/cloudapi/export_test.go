package cloudapi

import "encoding/json"

// MaxDepth lets tests stand at the edge of the nesting that is read.
const MaxDepth = maxDepth

// Decode reads a document the way this package does into what encoding/json
// would make of it, numbers as json.Number.
func Decode(doc []byte) (any, error) {
	v, err := parseJSON(doc)
	if err != nil {
		return nil, err
	}
	return v.decode(), nil
}

func (v value) decode() any {
	switch {
	case v.isObject():
		object := map[string]any{}
		for key, member := range v.members() {
			object[string(key)] = member.decode()
		}
		return object
	case v.isArray():
		array := []any{}
		for element := range v.elements() {
			array = append(array, element.decode())
		}
		return array
	case v.isString():
		s, _ := v.text()
		return s
	case v.isNumber():
		return json.Number(v)
	case v.absent():
		return nil
	default:
		return *v.yes()
	}
}

// Scrub lets tests read what an error would show.
func Scrub(s string) string { return scrub(s) }

// TableCodes returns the codes of the table in its order.
func TableCodes() []int {
	var codes []int
	for _, info := range table {
		codes = append(codes, info.Code)
	}
	return codes
}
