// Package governorhttp governs an http.Client: whatever sends WhatsApp messages
// through it, be it an SDK or a line of code, is held to the account's limits.
//
//	gov, err := governor.New(store, governor.Config{})
//	...
//	client := &http.Client{Transport: &governorhttp.Transport{Governor: gov}}
//
// A message that may not leave now comes back as an error that says why and
// until when:
//
//	var denied *governor.DeniedError
//	if errors.As(err, &denied) {
//		again := denied.Decision.RetryAt
//	}
//
// What a request does not tell, such as the category of its template, is added
// by Transport.Describe. Webhooks, without which the governor knows neither
// customers' messages nor restrictions, are package webhook's.
//
// What no webhook tells, such as a number's quality rating, a [Poller] asks for:
//
//	poller := &governorhttp.Poller{Governor: gov, Token: token, WABAs: []string{waba}}
//	err := poller.Run(ctx) // until ctx ends
//
// [Poller.Accounts] builds the Config's Accounts from nothing but WABA IDs.
//
// # Guarantees
//
// Of a thousand goroutines that race for the last slot, one sends
// (TestAThousandGoroutinesRaceForTheLastSlot). Whatever is posted, the platform
// counts no message that the governor has not counted (FuzzTransport). Every
// documented send is governed as what it is, in every encoding
// (TestEveryDocumentedSendIsGovernedAsItsKindSays,
// TestASendIsRecognisedInEveryEncoding).
//
// What is no send reaches Base as the very same request
// (TestWhatIsNoSendPassesByteForByte) at the cost of no allocation
// (TestARequestThatIsNoSendAllocatesNothing). Of what has to be looked into, the
// body is read and Base gets a copy of the request with just the bytes that were
// judged (TestTheBytesOnTheWireAreThoseOfTheCaller), behind its GetBody too if
// there was one. The caller's GetBody is not asked: a middleware that replaces a
// body often forgets it, and then it holds another message than the one that
// would be sent (TestAForgottenGetBodyIsNotBelieved). The caller's request is
// never changed (TestTheRequestIsHandedOnUntouched). What cannot be read is
// refused (TestAnUnreadableSendIsRefused, TestABatchWithASendIsRefused).
//
// A request's body is closed exactly once
// (TestTheBodyIsClosedExactlyOnceOnEveryPath). A response's body reads as if
// nobody had read it before, down to its error (TestTheResponseStaysAsItWas),
// or copied (TestAnAnswerIsCopiedAsItIsRead), and what it says is learned even if
// the caller asked for it in gzip
// (TestACompressedAnswerIsLearnedFromAndHandedOnAsItCame). It never mixes with
// the request's, however late that is read (TestBodyAndAnswerNeverMix).
//
// A slot comes back only if the message was certainly not sent
// (TestOnlyWhatWasCertainlyNotSentGivesItsSlotBack). A message that was sent is
// never turned into an error (TestASentMessageIsNeverTurnedIntoAnError). The
// caller gets Base's own error and no other. No send is ever repeated.
//
// A Poller never costs a WABA more requests in a moving hour than its Budget,
// whatever fails (TestNoMovingHourCostsAWABAMoreThanItsBudget). One failing
// thing never stops the others (TestOneFailingThingNeverStopsTheOthers). A
// webhook that comes while an answer is under way wins
// (TestAWebhookThatComesWhileTheAnswerIsUnderWayWins). It lifts only what polls
// have reported (TestAvailableAgainLiftsWhatThePollReportedAndNothingElse). Its
// token goes to BaseURL alone (TestAnotherHostIsNeverAsked) and is in no error
// (TestNoErrorHoldsTheToken).
//
// # What passes unseen
//
// Providers that are addressed otherwise, as those without a phone number ID in
// the path; gateways that put segments of their own before it, and batches on a
// host that is not the platform's, unless Transport.Hosts names the host; batches
// anywhere but at the root and at a node below it (/me, /{ID}); a method that is
// overridden elsewhere than in the query, a form or the usual headers; what is
// sent in other ways than through this client. Another product's messages, of
// Messenger or Instagram, pass by design.
//
// # Retries
//
// Each call of RoundTrip asks anew, so a retrying client stands above the
// Transport, never in its Base. net/http's own transport repeats a POST in two
// cases: if nothing of it was written, and if it has an Idempotency-Key header.
// A message repeated thus is booked once, since both go to one recipient, and
// an error of such a request is never taken as proof that nothing was sent
// (TestAReplayedRequestProvesNothingByItsLastError).
//
// # Concurrency
//
// A [Transport] and a [Poller] are safe for concurrent use. A Poller starts no
// goroutine, and a Transport none save that a context which ends while a body
// is being read has it closed in one.
//
// # Time
//
// A Transport has no clock; times are the Governor's. A Poller's Clock should
// be the Governor's too. A send waits at most
// Config.RateWait before it is refused, and its context may end that, the
// reading of a body that does not come (TestABodyThatNeverComesEndsWithTheContext)
// and of an answer that does not (TestAnAnswerThatNeverComesEndsWithTheContext).
//
// # Errors
//
// [*governor.DeniedError] is a denial. Errors that wrap [governor.ErrInvalid]
// are the request's fault, with [cloudapi.ErrUnreadable] if it cannot be read.
// Whose context has ended gets that error. Everything else is Base's. No error
// of this package names a recipient; the *url.Error that an http.Client puts
// around it prints the whole address with whatever stands in its query, such as
// an SDK's access_token and appsecret_proof. So log the DeniedError that
// errors.As finds, and not the error around it.
package governorhttp
