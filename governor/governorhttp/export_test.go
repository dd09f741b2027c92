package governorhttp

import "github.com/sendgov/sendgov/governor"

// AnswerBody is the body of the synthetic response to a denial.
func AnswerBody(d governor.Decision) []byte { return answerBody(d) }
