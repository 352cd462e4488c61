// franz-go as a client of the matrix: see ../README.md for the commands.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

var (
	bootstrap  = flag.String("bootstrap", "", "HOST:PORT")
	topic      = flag.String("topic", "", "topic")
	codec      = flag.String("codec", "none", "compression")
	idempotent = flag.String("idempotent", "true", "idempotent producer")
	group      = flag.String("group", "", "group")
)

var lock sync.Mutex

func tell(value any) {
	lock.Lock()
	defer lock.Unlock()
	line, _ := json.Marshal(value)
	fmt.Println(string(line))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	command := os.Args[1]
	check(flag.CommandLine.Parse(os.Args[2:]))
	switch command {
	case "produce":
		produce()
	case "member":
		member()
	default:
		check(fmt.Errorf("unknown command %s", command))
	}
}

func produce() {
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	options := []kgo.Opt{
		kgo.SeedBrokers(*bootstrap), kgo.DefaultProduceTopic(*topic),
		kgo.ProducerBatchCompression(codecs[*codec]),
	}
	if *idempotent == "false" {
		options = append(options, kgo.DisableIdempotentWrite(), kgo.RequiredAcks(kgo.LeaderAck()))
	}
	client, err := kgo.NewClient(options...)
	check(err)
	defer client.Close()
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), "\t")
		record := &kgo.Record{Key: []byte(key), Value: []byte(value)}
		client.Produce(context.Background(), record, func(record *kgo.Record, err error) {
			check(err)
			tell(map[string]any{"partition": record.Partition, "offset": record.Offset})
		})
	}
	check(client.Flush(context.Background()))
}

func member() {
	owned := map[int32]bool{}
	tellAssigned := func() {
		partitions := []int{}
		for partition := range owned {
			partitions = append(partitions, int(partition))
		}
		sort.Ints(partitions)
		tell(map[string]any{"assigned": partitions})
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(*bootstrap), kgo.ConsumeTopics(*topic), kgo.ConsumerGroup(*group),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(),
		kgo.HeartbeatInterval(500_000_000),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, assigned map[string][]int32) {
			for _, partition := range assigned[*topic] {
				owned[partition] = true
			}
			tellAssigned()
		}),
		kgo.OnPartitionsRevoked(func(_ context.Context, _ *kgo.Client, revoked map[string][]int32) {
			for _, partition := range revoked[*topic] {
				delete(owned, partition)
			}
			tellAssigned()
		}),
	)
	check(err)
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	for ctx.Err() == nil {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			break
		}
		for _, failure := range fetches.Errors() {
			check(failure.Err)
		}
		fetches.EachRecord(func(record *kgo.Record) {
			tell(map[string]any{
				"partition": record.Partition, "offset": record.Offset,
				"key": string(record.Key), "value": string(record.Value),
			})
		})
		check(client.CommitUncommittedOffsets(context.Background()))
		client.AllowRebalance()
	}
	client.AllowRebalance()
	client.Close()
}
