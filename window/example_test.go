package window_test

import (
	"fmt"
	"time"

	"github.com/sendgov/sendgov/window"
)

func ExampleWindow_Reserve() {
	noon := time.Date(2026, 9, 11, 12, 0, 0, 0, time.UTC)
	w, err := window.New(window.Period)
	if err != nil {
		fmt.Println(err)
		return
	}
	const limit = 2
	for i, recipient := range []string{"anna", "ben", "cleo", "anna"} {
		now := noon.Add(time.Duration(i) * time.Hour)
		_, ok := w.Reserve(recipient, now, now, limit)
		fmt.Println(recipient, ok, w.Count(now))
	}
	next, _ := w.NextFree(noon.Add(4 * time.Hour))
	fmt.Println("next slot:", next.Format(time.DateTime)) // ben's, for anna's has been renewed
	// Output:
	// anna true 1
	// ben true 2
	// cleo false 2
	// anna true 2
	// next slot: 2026-09-12 13:00:00
}

func ExampleNew() {
	_, err := window.New(0)
	fmt.Println(err)
	// Output: window: period: 0s, want more than 0
}

func ExampleWindow_Commit() {
	now := time.Date(2026, 9, 11, 12, 0, 0, 0, time.UTC)
	w, _ := window.New(window.Period)
	send := func(recipient string, answer func() bool) {
		ticket, ok := w.Reserve(recipient, now, now, 250)
		if !ok {
			return
		}
		defer w.Cancel(ticket, now) // no effect once committed
		if answer() {
			now = now.Add(200 * time.Millisecond)
			w.Commit(ticket, now, now)
		}
	}
	send("anna", func() bool { return true })
	send("ben", func() bool { return false })
	for recipient, stamp := range w.All(now) {
		fmt.Println(recipient, stamp.Format(time.StampMilli))
	}
	// Output: anna Sep 11 12:00:00.200
}

func ExampleWindow_Seal() {
	w, _ := window.New(window.Period)
	now := time.Date(2026, 9, 11, 12, 0, 0, 0, time.UTC)

	ticket, _ := w.Reserve("15551234567", now, now, 250)
	w.Seal(ticket, now, now) // the answer named no message, so no report will either

	fmt.Println(w.Release(ticket, now), w.Count(now))
	// Output: false 1
}

func ExampleWindow_Cancel() {
	noon := time.Date(2026, 9, 11, 12, 0, 0, 0, time.UTC)
	evening := noon.Add(8 * time.Hour)
	w, _ := window.New(window.Period)
	w.Reserve("anna", noon, noon, 250)
	repeat, _ := w.Reserve("anna", evening, evening, 250)

	w.Cancel(repeat, evening)
	stamp, _ := w.Stamp("anna", evening)
	fmt.Println(stamp.Format(time.DateTime))
	// Output: 2026-09-11 12:00:00
}

func ExampleWindow_Release() {
	now := time.Date(2026, 9, 11, 12, 0, 0, 0, time.UTC)
	w, _ := window.New(window.Period)
	ticket, _ := w.Reserve("anna", now, now, 250)
	w.Commit(ticket, now, now)

	// The platform reports that the message failed, and then once more.
	fmt.Println(w.Release(ticket, now), w.Release(ticket, now), w.Count(now))
	// Output: true false 0
}

func ExampleWindow_Renew() {
	sent := time.Date(2026, 9, 11, 12, 0, 0, 0, time.UTC)
	w, _ := window.New(window.Period)
	w.Reserve("anna", sent, sent, 1)

	// Her phone was off for three days. The delivery takes a slot then.
	delivered := sent.Add(72 * time.Hour)
	fmt.Println(w.Count(delivered))
	w.Renew("anna", delivered, delivered)
	fmt.Println(w.Count(delivered))
	// Output:
	// 0
	// 1
}

func ExampleWindow_Merge() {
	now := time.Date(2026, 9, 11, 12, 0, 0, 0, time.UTC)
	w, _ := window.New(window.Period)
	w.Reserve("with the ninth digit", now, now, 250)
	w.Reserve("without", now, now, 250)
	w.Merge("with the ninth digit", "without", now)
	fmt.Println(w.Count(now))
	// Output: 1
}

func ExampleWindow_FreeAt() {
	noon := time.Date(2026, 9, 11, 12, 0, 0, 0, time.UTC)
	w, _ := window.New(window.Period)
	for i := range 10 {
		at := noon.Add(time.Duration(i) * time.Hour)
		w.Reserve(fmt.Sprint("customer ", i), at, at, 10)
	}
	at, ok := w.FreeAt(noon.Add(10*time.Hour), 10, 4)
	fmt.Println(at.Format(time.DateTime), ok)
	// Output: 2026-09-12 15:00:00 true
}

func ExampleWindow_Curve() {
	noon := time.Date(2026, 9, 11, 12, 0, 0, 0, time.UTC)
	w, _ := window.New(window.Period)
	for i, recipient := range []string{"anna", "ben", "cleo"} {
		at := noon.Add(time.Duration(i/2) * time.Hour)
		w.Reserve(recipient, at, at, 250)
	}
	for at, free := range w.Curve(noon.Add(2 * time.Hour)) {
		fmt.Println(at.Format(time.DateTime), free)
	}
	// Output:
	// 2026-09-12 12:00:00 2
	// 2026-09-12 13:00:00 3
}

func ExampleWindow_AppendBinary() {
	now := time.Date(2026, 9, 11, 12, 0, 0, 0, time.UTC)
	w, _ := window.New(window.Period)
	ticket, _ := w.Reserve("anna", now, now, 250)
	books, _ := w.AppendBinary(nil)
	note, _ := ticket.AppendBinary(nil)

	// The program starts anew.
	var restored window.Window
	if err := restored.UnmarshalBinary(books); err != nil {
		fmt.Println(err)
		return
	}
	ticket, err := restored.UnmarshalTicket(note)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(restored.Count(now), restored.Cancel(ticket, now), restored.Count(now))
	// Output: 1 true 0
}

func ExampleService_AppendBinary() {
	wrote := time.Date(2026, 9, 11, 12, 0, 0, 0, time.UTC)
	var s, restored window.Service
	s.Open("106540352242922", "anna", wrote, wrote)
	books, _ := s.AppendBinary(nil)
	if err := restored.UnmarshalBinary(books); err != nil {
		fmt.Println(err)
		return
	}
	until, known := restored.Until("106540352242922", "anna", wrote)
	fmt.Println(until.Format(time.DateTime), known)
	// Output: 2026-09-12 12:00:00 true
}

func ExampleService() {
	wrote := time.Date(2026, 9, 11, 12, 0, 0, 0, time.UTC)
	var s window.Service
	s.Open("106540352242922", "anna", wrote, wrote)
	for _, hours := range []int{1, 24} {
		now := wrote.Add(time.Duration(hours) * time.Hour)
		until, known := s.Until("106540352242922", "anna", now)
		fmt.Println("open:", known && now.Before(until), "until", until.Format(time.DateTime))
	}
	_, known := s.Until("106540352242922", "ben", wrote)
	fmt.Println("ben is known:", known)
	// Output:
	// open: true until 2026-09-12 12:00:00
	// open: false until 2026-09-12 12:00:00
	// ben is known: false
}
