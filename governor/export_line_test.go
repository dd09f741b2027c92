package governor

// Waiting returns how many wait in an account's line, and how many lines there
// are.
func (g *Governor) Waiting(account string) (waiters, lines int) {
	ls := &g.lines
	ls.mu.Lock()
	l, n := ls.byAccount[account], len(ls.byAccount)
	ls.mu.Unlock()
	if l == nil {
		return 0, n
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.waiters), n
}
