// Package ledger keeps one account's books in memory: who holds a slot, who
// wrote when, who wants what, how fast numbers send. It is what memstore and
// boltstore have in common: the one forgets it with the process, the other
// writes down whatever changes it.
//
// An [Account] applies the verbs of a governor.Store to one account. Each
// verb is a function of the account as it was and the verb's arguments alone:
// no clock is read and nothing is left to chance.
//
// An Account is not safe for concurrent use: the caller holds its lock.
package ledger
