// Package program is what the Go clients of the matrix share: see ../../README.md for the commands.
package program

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"sync"
	"time"
)

// What a client was told.
var (
	Bootstrap  = flag.String("bootstrap", "", "HOST:PORT")
	Topic      = flag.String("topic", "", "topic")
	Codec      = flag.String("codec", "none", "compression")
	idempotent = flag.String("idempotent", "true", "idempotent producer")
	Group      = flag.String("group", "", "group")
	Mechanism  = flag.String("mechanism", "", "SASL mechanism; empty: none")
	Username   = flag.String("username", "", "of SASL")
	Password   = flag.String("password", "", "of SASL")
	protocol   = flag.String("protocol", "PLAINTEXT", "how the listener is protected")
	authority  = flag.String("ca", "", "file with the authority that signed the broker's certificate")
)

// Partitions of the topic that the command admin creates.
const Partitions = 3

// Heartbeat is the interval that lets a group learn soon of those who come and go.
const Heartbeat = 500 * time.Millisecond

// Run reads the command and its flags.
func Run(produce, member, admin func()) {
	commands := map[string]func(){"produce": produce, "member": member, "admin": admin}
	Check(flag.CommandLine.Parse(os.Args[2:]))
	commands[os.Args[1]]()
}

// Idempotent says whether the producer is to be idempotent.
func Idempotent() bool {
	return *idempotent == "true"
}

// TLS gives what TLS needs to check the broker; nil where it is not asked for.
func TLS() *tls.Config {
	if !strings.HasSuffix(*protocol, "SSL") {
		return nil
	}
	pem, err := os.ReadFile(*authority)
	Check(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return &tls.Config{RootCAs: roots}
}

// Check ends the program with an error.
func Check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var lock sync.Mutex

// Tell prints a line of the report.
func Tell(value any) {
	lock.Lock()
	defer lock.Unlock()
	line, _ := json.Marshal(value)
	fmt.Println(string(line))
}

// TellPlace reports where a record went.
func TellPlace(partition int, offset int64) {
	Tell(map[string]any{"partition": partition, "offset": offset})
}

// TellRecord reports a record that was read.
func TellRecord(partition int, offset int64, key, value []byte) {
	Tell(map[string]any{"partition": partition, "offset": offset, "key": string(key), "value": string(value)})
}

// TellAssigned reports the partitions that a member has now.
func TellAssigned(partitions []int32) {
	numbers := []int{}
	for _, partition := range partitions {
		numbers = append(numbers, int(partition))
	}
	sort.Ints(numbers)
	Tell(map[string]any{"assigned": numbers})
}

// Records reads the input: keys and values.
func Records(send func(key, value []byte)) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), "\t")
		send([]byte(key), []byte(value))
	}
}

// UntilInputEnds gives a context that ends when the input does: then a member leaves.
func UntilInputEnds() context.Context {
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	return ctx
}

// AwaitPartitions reports how many partitions the topic has, once it has all that it was created with.
func AwaitPartitions(count func() (int, error)) {
	for {
		found, err := count()
		if err == nil && found == Partitions {
			Tell(map[string]any{"partitions": found})
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}
