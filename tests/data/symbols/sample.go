package auth

import (
	"fmt"
	str "strings"
)

const limit = 3

const (
	First = iota
	Second
)

var cache, spare map[string]int

// Checker checks.
type Checker interface {
	Check(name string) error
	fmt.Stringer
}

type (
	Store[T any] struct {
		mu    sync.Mutex
		names []T
		next, last *Store[T]
		Embedded
	}
	Alias = Store[int]
	Func  func(int) error
)

func New[T any](n int) *Store[T] {
	local := make([]T, n)
	return &Store[T]{names: local}
}

func (s *Store[T]) Add(name T) (err error) {
	s.names = append(s.names, name)
	fmt.Println(str.ToUpper("x"))
	go s.run()
	defer func() { recover() }()
	return Func(nil)(1)
}
