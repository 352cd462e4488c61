// franz-go as a client of the matrix: see ../../README.md for the commands.
package main

import (
	"context"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
	"ottla.test/clients/program"
)

func main() {
	program.Run(produce, member, admin)
}

func mechanism() sasl.Mechanism {
	user, password := *program.Username, *program.Password
	switch *program.Mechanism {
	case "PLAIN":
		return plain.Auth{User: user, Pass: password}.AsMechanism()
	case "SCRAM-SHA-256":
		return scram.Auth{User: user, Pass: password}.AsSha256Mechanism()
	case "SCRAM-SHA-512":
		return scram.Auth{User: user, Pass: password}.AsSha512Mechanism()
	}
	return nil
}

func connect(options ...kgo.Opt) *kgo.Client {
	options = append(options, kgo.SeedBrokers(*program.Bootstrap))
	if config := program.TLS(); config != nil {
		options = append(options, kgo.DialTLSConfig(config))
	}
	if chosen := mechanism(); chosen != nil {
		options = append(options, kgo.SASL(chosen))
	}
	client, err := kgo.NewClient(options...)
	program.Check(err)
	return client
}

func produce() {
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	options := []kgo.Opt{
		kgo.DefaultProduceTopic(*program.Topic), kgo.ProducerBatchCompression(codecs[*program.Codec]),
	}
	if !program.Idempotent() {
		options = append(options, kgo.DisableIdempotentWrite(), kgo.RequiredAcks(kgo.LeaderAck()))
	}
	client := connect(options...)
	defer client.Close()
	program.Records(func(key, value []byte) {
		record := &kgo.Record{Key: key, Value: value}
		client.Produce(context.Background(), record, func(record *kgo.Record, err error) {
			program.Check(err)
			program.TellPlace(int(record.Partition), record.Offset)
		})
	})
	program.Check(client.Flush(context.Background()))
}

func member() {
	topic := *program.Topic
	owned := map[int32]bool{}
	tellAssigned := func() {
		partitions := []int32{}
		for partition := range owned {
			partitions = append(partitions, partition)
		}
		program.TellAssigned(partitions)
	}
	client := connect(
		kgo.ConsumeTopics(topic), kgo.ConsumerGroup(*program.Group),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(),
		kgo.HeartbeatInterval(program.Heartbeat),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, assigned map[string][]int32) {
			for _, partition := range assigned[topic] {
				owned[partition] = true
			}
			tellAssigned()
		}),
		kgo.OnPartitionsRevoked(func(_ context.Context, _ *kgo.Client, revoked map[string][]int32) {
			for _, partition := range revoked[topic] {
				delete(owned, partition)
			}
			tellAssigned()
		}),
	)
	ctx := program.UntilInputEnds()
	for ctx.Err() == nil {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			break
		}
		for _, failure := range fetches.Errors() {
			program.Check(failure.Err)
		}
		fetches.EachRecord(func(record *kgo.Record) {
			program.TellRecord(int(record.Partition), record.Offset, record.Key, record.Value)
		})
		program.Check(client.CommitUncommittedOffsets(context.Background()))
		client.AllowRebalance()
	}
	client.AllowRebalance()
	client.Close()
}

func admin() {
	ctx := context.Background()
	topic := *program.Topic
	client := kadm.NewClient(connect())
	defer client.Close()
	_, err := client.CreateTopic(ctx, program.Partitions, 1, nil, topic)
	program.Check(err)
	program.AwaitPartitions(func() (int, error) {
		topics, err := client.ListTopics(ctx, topic)
		return len(topics[topic].Partitions), err
	})
	_, err = client.DeleteTopic(ctx, topic)
	program.Check(err)
}
