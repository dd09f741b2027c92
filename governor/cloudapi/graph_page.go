package cloudapi

import "fmt"

// Page is one page of a Graph API list.
type Page[T any] struct {
	// Items are the nodes in the order of the list.
	Items []T
	// After is the cursor of the next page, empty on the last one. The
	// platform gives a cursor there too, but no address for it.
	After string
	// Problems says which elements were no nodes.
	Problems []Problem
}

// ParsePhoneNumbers reads a page of GET /{WABA ID}/phone_numbers, with the
// errors of [ParsePhoneNumber].
func ParsePhoneNumbers(body []byte) (Page[PhoneNumber], error) {
	return parsePage(body, readPhoneNumber)
}

// ParseTemplates reads a page of GET /{WABA ID}/message_templates, with the
// errors of [ParsePhoneNumber].
func ParseTemplates(body []byte) (Page[TemplateNode], error) {
	return parsePage(body, readTemplate)
}

func parsePage[T any](body []byte, read func(value) T) (Page[T], error) {
	doc, err := parseNode(body)
	if err != nil {
		return Page[T]{}, err
	}
	data := doc.get("data")
	if !data.isArray() {
		return Page[T]{}, ErrMalformed
	}
	var page Page[T]
	for i, node := range data.each() {
		switch {
		case node.isObject():
			page.Items = append(page.Items, read(node))
		case len(page.Problems) < maxProblems:
			page.Problems = append(page.Problems, Problem{Path: fmt.Sprintf("data[%d]", i), Reason: "not an object"})
		}
	}
	paging := doc.get("paging")
	if !paging.get("next").absent() {
		page.After = paging.get("cursors", "after").word()
	}
	return page, nil
}
