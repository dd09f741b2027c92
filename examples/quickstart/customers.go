package main

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"

	"github.com/sendgov/sendgov/governor"
)

// recipients is a customer list as it comes out of a CRM: a byte order mark,
// eleven ways to write a phone number, some people twice, some cells with no
// number at all. The numbers are of ranges reserved for fiction.
//
//go:embed recipients.csv
var recipients []byte

type customers struct {
	rows   int
	phones []string // readable, in the order of the list, as "+" and digits
	faults []string // of the rows that are not
}

func readCustomers() (customers, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(recipients, []byte("\ufeff"))))
	table, err := r.ReadAll()
	if err != nil {
		return customers{}, fmt.Errorf("recipients.csv: %w", err)
	}
	var c customers
	for i, row := range table {
		if i == 0 {
			continue // the heading
		}
		c.rows++
		digits, err := governor.CanonicalRecipient(row[1])
		if err != nil {
			c.faults = append(c.faults, fmt.Sprintf("row %d: %v", i+1, err))
			continue
		}
		c.phones = append(c.phones, "+"+digits)
	}
	return c, nil
}
