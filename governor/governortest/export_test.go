package governortest

// Blocked returns how many calls of BlockUntil wait.
func (c *Clock) Blocked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.blocked)
}

// Pending returns how many timers and deadlines are set.
func (c *Clock) Pending() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.pending)
}

// ReadMessage reads a send as the server does and returns what it takes it for: the phone number, user ID or group ID it
// goes to, at most one of them. The code is zero if it can be read.
func ReadMessage(contentType, edge string, body []byte) (kind PlatformKind, phone, user, group string, code int) {
	f, bad := readFields(contentType, body)
	if bad != nil {
		return "", "", "", "", bad.code
	}
	m, bad := people{}.readMessage(edge, f)
	if bad != nil {
		return "", "", "", "", bad.code
	}
	return m.kind, m.to.waID, m.to.userID, m.to.group, 0
}
