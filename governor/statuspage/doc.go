// Package statuspage shows people where their accounts stand, as a page and as
// JSON:
//
//	http.Handle("/debug/sendgov/", statuspage.Handler(gov, statuspage.Config{}))
//
// The page lists the accounts, worst first. For each it tells its health with
// the clocks that run and what they end in, its messaging limit, how much of it
// is used, when slots free and what it takes to rise, its numbers and WhatsApp
// Business Accounts with what restricts them, held templates, how customers and
// business have talked for seven days and why messages failed, what the governor
// refused, and how the store answers. A form tells when so many people could be
// written to.
//
// It keeps itself fresh in a browser that runs scripts, and is the same, as of
// when it was loaded, in one that does not. It needs nothing from elsewhere.
//
// # Who may see it
//
// Whoever can reach it. The handler asks nobody who they are: put it behind what
// guards your other internal pages; ExampleConfig shows how. It holds no
// recipient and no phone number, but IDs, limits and the names of templates.
//
// # Addresses
//
// Everything is in the query, so the handler can be mounted at any path, under
// any prefix:
//
//	?                                   the list
//	?account=506914307656634            one account
//	?account=…&people=5000&from=1065…   and when so many can be written to;
//	                                    category and template may be told too
//	…&format=json                       the same as JSON
//	…&format=fragment                   what the page asks for to stay fresh
//	?format=schema                      a JSON Schema of the JSON
//
// # JSON
//
// The schema, assets/schema.json, describes every field. In short: version is 1
// until a field is taken away or means something else; accounts are in the order
// of the list; times are RFC 3339 in UTC; a field that is missing is not known,
// or there is none, and the schema says which; health and rating are the names
// of package quality, reasons the words of governor.Reason. summary is for
// people and may be worded otherwise at any time.
//
// # While the store does not answer
//
// The page shows what it last read, says when that was, and is answered with
// 503, as is the JSON, where store_failed is set. The list is 503 if no account
// could be read. What was last read is kept for up to 1,024 accounts, those that
// the governor lists.
//
// # Guarantees
//
//   - It changes nothing and answers GET and HEAD alone
//     (TestOnlyGetAndHeadAreAnswered): what it may call of a governor reads.
//   - No recipient and no phone number is shown
//     (TestNothingThatIsShownIsAPhoneNumber), nor what an error of the store
//     says (TestWhileTheStoreFailsWhatIsKnownIsShownAndSaidToBeOld).
//   - Nothing is cached, framed, guessed at or told to other sites, and no
//     script, style or request but the handler's own is allowed
//     (TestEveryAnswerCarriesTheHeadersThatKeepItPrivate,
//     TestEveryPageIsWellMadeAndLeadsNowhereElse; in a browser
//     TestEveryPageIsCleanInABrowser).
//   - What is shown is escaped, names of the Config and words of the platform
//     included (TestAccountsHaveTheNamesOfTheConfig).
//   - It is accessible as far as a program can tell: in light and dark, on a
//     phone and a desktop, axe finds nothing (TestEveryPageIsCleanInABrowser).
//   - A page that freshens takes neither focus nor what was typed
//     (TestAPageFreshensWithoutTakingFocusOrInput), and without scripts it says
//     as much (TestAPageWithoutScriptsIsWhole).
//   - The JSON is as the schema says (TestTheJSONIsAsTheSchemaSays).
//   - An answer costs one governor.Governor.Snapshot for each account on it, of
//     which there are 200 at most (TestALongListEndsAndSaysSo), and 3 where the
//     store is down (TestAStoreThatIsDownIsNotAskedForEveryAccount).
//
// # Concurrency
//
// A handler is safe for concurrent use and starts no goroutine. Config.Name is
// called without any lock held.
//
// # Time
//
// There is no clock here: what is now is a snapshot's time. Counts of a day go
// from midnight to midnight, UTC.
package statuspage
