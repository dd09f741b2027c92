package window

// numbers numbers the business's phone numbers, of which there are few.
type numbers struct {
	few  []string
	more map[string]int // all, once they are more than a few
}

const (
	fewNumbers  = 8
	mostNumbers = 1 << (64 - codeBits) // those beyond are kept in full with each customer
)

func (n *numbers) find(number string) int {
	if n.more != nil {
		if i, ok := n.more[number]; ok {
			return i
		}
		return -1
	}
	for i, known := range n.few {
		if known == number {
			return i
		}
	}
	return -1
}

// with returns the numbers and one more, for readers may be at the old ones.
func (n *numbers) with(number string) numbers {
	i := len(n.few)
	out := numbers{few: append(n.few[:i:i], number)}
	if i >= fewNumbers {
		out.more = make(map[string]int, i+1)
		for i, number := range out.few {
			out.more[number] = i
		}
	}
	return out
}
