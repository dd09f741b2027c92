// Package archtest holds the house rules that no compiler holds: which package
// may import which, who may read the clock, what is linked into a user's
// program, and what stands where.
//
// It has no code of its own; its tests read the module's files and fail with
// one line per breach. Each rule is a function from files to breaches, and
// each is tested against a small bad sample too, so that it can fail. To allow
// something new, add a row to the table of the rule it breaks.
//
// # Guarantees
//
//   - Names flow one way: TestImportsFlowOneWay.
//   - The ground is pure: TestTheGroundIsPure.
//   - One file reads the clock and nothing sleeps: TestOnlyOneFileReadsTheClock,
//     TestNothingSleeps.
//   - No test library reaches a user's program:
//     TestNoTestLibraryIsLinkedIntoShippedCode.
//   - Every direct requirement has its reason written down:
//     TestEveryRequirementHasAReason.
//   - Every package and every exported name is documented, and a test that a
//     comment names exists: TestEveryPackageIsDocumentedOnce,
//     TestEveryExportedNameIsDocumented, TestEveryPromisedTestExists.
//   - Files are short, tests are named as such and never skipped, the root
//     holds what is listed: TestNoFileIsTooLong, TestTestFilesAreNamedAsSuch,
//     TestNoTestIsSkipped, TestTheRootHoldsOnlyWhatIsListed.
package archtest
