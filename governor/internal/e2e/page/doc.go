// Package page holds the status page to its promises in a real browser, headless
// Chromium, with axe-core looking for what keeps people out. Both are found on
// the machine: chromium in PATH, axe-core in node_modules after npm ci here.
// Where SENDGOV_CI is set, what is not found is a failure; elsewhere the tests
// look at the HTML alone.
//
// Each page is left as a picture in the directory that SENDGOV_SCREENSHOTS
// names, by default a temporary one that the test prints.
package page
