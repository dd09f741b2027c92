package cloudapi

import (
	"bytes"
	"path"
	"strings"
)

// IsBatchPath reports whether a URL path is the root that Graph API batch
// requests go to, with a version or without.
func IsBatchPath(p string) bool {
	root := strings.TrimPrefix(path.Clean("/"+p), "/")
	numbered, dotted := isVersion(root)
	return root == "" || numbered && dotted
}

// CheckBatch returns an error that wraps [ErrUnreadable] if the body of a
// request to an [IsBatchPath] path is a Graph API batch with a send in it.
// Whether the platform takes sends in batches is not documented, and the
// answers to the parts of a batch come in one, so a batch with a send is
// refused rather than taken apart. Every other body is fine, also one that is
// no batch at all.
func CheckBatch(contentType string, body []byte) error {
	d, err := readDraft(contentType, body)
	if err != nil {
		if bytes.Contains(body, []byte("relative_url")) {
			return err
		}
		return nil
	}
	batch := d.batch
	if text, ok := batch.text(); ok {
		if batch, err = parseJSON([]byte(text)); err != nil {
			return unreadable("batch: not JSON")
		}
	}
	for _, part := range batch.each() {
		for key, member := range part.members() {
			if string(key) != "relative_url" {
				continue
			}
			target, _, _ := strings.Cut(member.word(), "?")
			if _, _, ok := ParsePath(target); ok {
				return unreadable("batch: holds a send")
			}
		}
	}
	return nil
}
