// Package cloudapi is the wire of the WhatsApp Cloud API: it reads what a business sends, what the platform answers,
// what it reports by webhook, and what it says when it is asked.
//
// A request is recognised by its path and read by its body, its answer by status and body:
//
//	number, endpoint, ok := cloudapi.ParsePath(req.URL.Path)
//	send, err := cloudapi.ParseSend(endpoint, req.Header.Get("Content-Type"), body)
//	response, err := cloudapi.ParseResponse(resp.StatusCode, answer)
//
// A rejection is an [*Error]; its [Info] says what the code means, what else it stops, and whether the message was
// certainly not sent.
//
// A webhook is verified over its raw bytes, then taken apart into typed changes:
//
//	err := cloudapi.Verify(secret, req.Header.Get(cloudapi.SignatureHeader), body)
//	hook, err := cloudapi.ParseWebhook(body)
//	for _, change := range hook.Changes {
//		switch change := change.(type) {
//		case cloudapi.Inbound:
//		case cloudapi.Status:
//		}
//	}
//
// The package names what it reads and decides nothing by it: words of the platform (statuses, tiers, events) are handed
// on as they are, also those that nobody has documented. Pages named in this package are those of
// https://developers.facebook.com/documentation/business-messaging/whatsapp/, with the date of the text.
//
// # Guarantees
//
//   - A body that two decoders could read differently is never read as a send: TestABodyThatCanBeReadTwoWaysIsUnreadable,
//     and what is read is what encoding/json reads: FuzzASendIsReadAsAPlainReadingReadsIt.
//   - No send is taken for a receipt: TestAStatusBesideAMessageIsAMessage, FuzzParseSend.
//   - Every documented error code is in the table, and a slot is given back only for those whose send certainly did not
//     happen: TestTheTableHoldsEveryDocumentedCode, TestAnUnknownOutcomeIsNeverNotSent.
//   - No error text carries a phone number: TestAnErrorNeverShowsAPhoneNumber, FuzzParseResponse, FuzzParseWebhook.
//   - One unreadable change of a webhook loses no other: TestOneBadChangeLosesNoOther.
//   - Nothing returned refers to the body that was passed in: TestNothingReturnedRefersToTheBody.
//   - Printing a send, a response or a change shows no person: TestAPrintedChangeShowsNobody,
//     TestASendErrorNamesTheFieldAndNotTheNumber.
//   - A reaction, a message in a group and a type that nobody has documented open no customer service window for
//     certain, and neither does a message without a time; but none of a person's messages to the business alone is kept
//     from opening one: TestOnlyWhatIsSettledOpensTheWindowForCertain, TestACallOfThePersonOpensTheWindow.
//   - Parsing takes time linear in the body and never panics: BenchmarkParseWebhook, and the fuzz tests.
//
// # Concurrency
//
// All functions are pure and all types are plain values: everything may be used from several goroutines at once.
//
// # Time
//
// There is no clock here. Times of the platform are seconds since 1970 as number or string; where one exceeds the year
// 2200 it is taken for milliseconds. All returned times are in UTC, and the zero time means that none was given.
//
// # Errors
//
// [ErrUnreadable] and [ErrForeign] come from sends, [ErrMalformed] from everything else, [ErrSignature] from [Verify],
// and [*Error] is the platform's own.
package cloudapi
