package window

import "errors"

// ErrCorrupt is wrapped by what [Window.UnmarshalBinary],
// [Window.UnmarshalTicket] and [Service.UnmarshalBinary] return for data that
// the matching AppendBinary has not written, or has not in full. The data
// carries no checksum: keep it where what is read is what was written.
var ErrCorrupt = errors.New("window: corrupt data")
