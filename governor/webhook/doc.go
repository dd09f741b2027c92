// Package webhook receives what the WhatsApp Business Platform reports, tells a
// governor what it has to know, and passes it on:
//
//	hooks, err := webhook.New(gov, webhook.Config{AppSecret: secret, VerifyToken: token}, bot)
//	if err != nil {
//		return err
//	}
//	http.Handle("/webhook", hooks)
//
// The handler behind it gets each webhook as the platform sent it, signature
// included; without one the platform gets a plain 200. Those who receive
// webhooks in another way give them to [Events] and the result to
// governor.Observe.
//
// # What a governor learns
//
// From the field messages: who wrote or called and so can be answered for 24
// hours, what became of each message, what the platform refused and why, and
// which user ID belongs to which phone number. From the others: messaging
// limits and throughput, flags, restrictions, bans and reviews, the status and
// category of templates, and who wants no marketing. Config.OptOut takes
// opt-outs from what people write.
//
// Nothing unknown makes a limit looser: a word, an event or a field that is not
// documented is told to Config.OnProblem and teaches nothing, but that an
// unknown restriction, ban or review restricts. Messages that may or may not
// open a customer service window, as reactions and those in groups, open none.
//
// # What it answers
//
//	a GET that knows the verify token      200 and the challenge
//	any other GET                          403
//	a POST that is not signed              403, and nothing of it is parsed
//	a POST of more than Config.MaxBody     413
//	a POST that breaks off                 400
//	a POST that the governor has taken in  what the handler behind answers, or 200
//	a POST while the store fails           503
//	other methods                          405
//
// The governor comes first, then the handler behind: whoever answers a customer
// from there finds the window open that the webhook has opened. While the
// governor's store fails, the answer is 503 and the handler behind does not get
// the webhook: the platform delivers it again, for days if need be, and it gets
// it with the delivery that the governor could take in. So neither loses
// anything and nothing happens twice. If the handler behind answers with an
// error, the webhook comes again too, and the governor takes no harm from that.
// Who would rather hear customers twice than late sets Config.PassUnobserved.
//
// An event that is wrong in itself, such as one of a number that the governor
// does not know, is told to Config.OnProblem and is no reason for a 503.
//
// # Guarantees
//
//   - Nothing of an unsigned webhook is parsed, counted or passed on
//     (TestAWebhookThatIsNotSignedTeachesNothingAndGoesNoFurther), and no
//     handler comes about without a secret
//     (TestNewTellsAllFaultsAtOnceAndNoSecret).
//   - The handler behind gets the same bytes, headers and length
//     (TestNextGetsTheWebhookAsItCame), after the governor
//     (TestTheGovernorKnowsBeforeNextAnswers).
//   - While the store fails nothing is lost, and nothing is passed on twice
//     (TestAWebhookThatTheStoreCouldNotKeepIsDeliveredAgainAndPassedOnOnce,
//     TestAWebhookThatNextCouldNotKeepHarmsNobodyWhenItComesAgain).
//   - What cannot be understood holds up nothing else
//     (TestWhatIsWrongInItselfIsToldAndNeverHoldsUpTheRest) and loosens
//     nothing (FuzzHandler, TestUnknownWordsTeachNothing).
//   - Webhooks that are repeated, late or out of order leave the governor where
//     single ones in order do
//     (TestRepeatedAndShuffledDeliveriesEndWhereSingleOnesDo,
//     TestScenarioB16ABatchWithADuplicateOfEachIsASingleDelivery,
//     TestScenarioB18AnInboundThatIsDaysLateOpensNoWindow). Where the order
//     does matter, a slot is counted too many
//     (TestADeliveryHeardOfBeforeItsWindowIsCounted).
//   - Every webhook that the platform's pages print has its effect
//     (TestEveryExampleOfThePlatformHasItsEffect).
//   - No problem that is told holds a phone number, a user ID or anything that
//     a person wrote (TestNoExampleHasAProblemThatNamesAPerson, FuzzHandler).
//   - A panic in Config.OptOut or Config.OnProblem loses no event
//     (TestAPanicOfTheCallersLosesNoEvent). One in the handler behind is left
//     to the server.
//
// # Concurrency
//
// A [Handler] is safe for concurrent use. It starts no goroutine and keeps
// nothing between requests. It takes events in while the platform waits, which
// wants half of its webhooks answered within 250 ms and nearly all within a
// second (throughput, 2026-09): each event is at most a few calls of the store,
// and a batch of a thousand statuses changes the account's state a few times at
// most (TestABatchOfAThousandChangesTheStateAtMostAFewTimes). Reading slow
// clients is the server's business: set http.Server.ReadTimeout.
//
// # Time
//
// There is no clock here. Events have the time that the platform gave them;
// those without one count as of when the governor observes them.
//
// # Errors
//
// What is wrong with a [Config] matches governor.ErrInvalid, all of it at once.
// Everything later is a [Problem] or a status.
package webhook
