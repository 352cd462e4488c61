// kafka-go of Segment as a client of the matrix: see ../../README.md for the commands.
package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
	"ottla.test/clients/program"
)

func main() {
	program.Run(produce, member, admin)
}

func mechanism() sasl.Mechanism {
	user, password := *program.Username, *program.Password
	algorithm := scram.SHA512
	switch *program.Mechanism {
	case "":
		return nil
	case "PLAIN":
		return plain.Mechanism{Username: user, Password: password}
	case "SCRAM-SHA-256":
		algorithm = scram.SHA256
	}
	chosen, err := scram.Mechanism(algorithm, user, password)
	program.Check(err)
	return chosen
}

func dialer() *kafka.Dialer {
	return &kafka.Dialer{TLS: program.TLS(), SASLMechanism: mechanism()}
}

func produce() {
	codecs := map[string]kafka.Compression{
		"none": 0, "gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd,
	}
	writer := &kafka.Writer{
		Transport: &kafka.Transport{TLS: program.TLS(), SASL: mechanism()},
		Addr:      kafka.TCP(*program.Bootstrap), Topic: *program.Topic, Compression: codecs[*program.Codec],
		// Its default puts keys elsewhere than Java does.
		Balancer: kafka.Murmur2Balancer{}, RequiredAcks: kafka.RequireAll, BatchTimeout: 5 * time.Millisecond,
		Completion: func(messages []kafka.Message, err error) {
			program.Check(err)
			for _, message := range messages {
				program.TellPlace(message.Partition, message.Offset)
			}
		},
	}
	messages := []kafka.Message{}
	program.Records(func(key, value []byte) {
		messages = append(messages, kafka.Message{Key: key, Value: value})
	})
	program.Check(writer.WriteMessages(context.Background(), messages...))
	program.Check(writer.Close())
}

// Its Reader tells nobody of assignments, so a member uses the ConsumerGroup below it.
func member() {
	group, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		Dialer: dialer(), ID: *program.Group, Brokers: []string{*program.Bootstrap}, Topics: []string{*program.Topic},
		HeartbeatInterval: program.Heartbeat, SessionTimeout: 6 * time.Second, RebalanceTimeout: 6 * time.Second,
		StartOffset: kafka.FirstOffset,
	})
	program.Check(err)
	ctx := program.UntilInputEnds()
	for {
		generation, err := group.Next(ctx)
		if errors.Is(err, context.Canceled) || errors.Is(err, kafka.ErrGroupClosed) {
			break
		}
		program.Check(err)
		partitions := []int32{}
		for _, each := range generation.Assignments[*program.Topic] {
			partitions = append(partitions, int32(each.ID))
			generation.Start(func(ctx context.Context) { read(ctx, generation, each) })
		}
		program.TellAssigned(partitions)
	}
	program.Check(group.Close())
}

var reporting sync.Mutex

// Reads a partition until the generation ends, and commits every batch.
func read(ctx context.Context, generation *kafka.Generation, from kafka.PartitionAssignment) {
	reader := kafka.NewReader(kafka.ReaderConfig{
		Dialer: dialer(), Brokers: []string{*program.Bootstrap}, Topic: *program.Topic, Partition: from.ID,
		MinBytes: 1, MaxBytes: 1 << 20, MaxWait: 200 * time.Millisecond,
	})
	defer reader.Close()
	program.Check(reader.SetOffset(from.Offset))
	for {
		message, err := reader.ReadMessage(ctx)
		if ctx.Err() != nil {
			return
		}
		program.Check(err)
		reporting.Lock()
		program.TellRecord(message.Partition, message.Offset, message.Key, message.Value)
		offsets := map[string]map[int]int64{*program.Topic: {message.Partition: message.Offset + 1}}
		err = generation.CommitOffsets(offsets)
		reporting.Unlock()
		program.Check(err)
	}
}

func admin() {
	ctx := context.Background()
	topic := *program.Topic
	client := &kafka.Client{Addr: kafka.TCP(*program.Bootstrap)}
	created, err := client.CreateTopics(ctx, &kafka.CreateTopicsRequest{
		Topics: []kafka.TopicConfig{{Topic: topic, NumPartitions: program.Partitions, ReplicationFactor: 1}},
	})
	program.Check(err)
	program.Check(created.Errors[topic])
	program.AwaitPartitions(func() (int, error) {
		metadata, err := client.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{topic}})
		if err != nil || len(metadata.Topics) == 0 {
			return 0, err
		}
		return len(metadata.Topics[0].Partitions), nil
	})
	deleted, err := client.DeleteTopics(ctx, &kafka.DeleteTopicsRequest{Topics: []string{topic}})
	program.Check(err)
	program.Check(deleted.Errors[topic])
}
