// sarama as a client of the matrix: see ../../README.md for the commands.
package main

import (
	"sync"

	"github.com/IBM/sarama"
	"github.com/xdg-go/scram"
	"ottla.test/clients/program"
)

func main() {
	program.Run(produce, member, admin)
}

func config() *sarama.Config {
	config := sarama.NewConfig()
	config.Version = sarama.V4_0_0_0
	config.Net.TLS.Config = program.TLS()
	config.Net.TLS.Enable = config.Net.TLS.Config != nil
	if *program.Mechanism == "" {
		return config
	}
	config.Net.SASL.Enable = true
	config.Net.SASL.Mechanism = sarama.SASLMechanism(*program.Mechanism)
	config.Net.SASL.User = *program.Username
	config.Net.SASL.Password = *program.Password
	config.Net.SASL.SCRAMClientGeneratorFunc = func() sarama.SCRAMClient {
		if *program.Mechanism == sarama.SASLTypeSCRAMSHA256 {
			return &conversation{hash: scram.SHA256}
		}
		return &conversation{hash: scram.SHA512}
	}
	return config
}

// A conversation is SCRAM, which sarama leaves to a library of its user's choice.
type conversation struct {
	hash scram.HashGeneratorFcn
	*scram.ClientConversation
}

func (c *conversation) Begin(user, password, authorization string) error {
	client, err := c.hash.NewClient(user, password, authorization)
	if err == nil {
		c.ClientConversation = client.NewConversation()
	}
	return err
}

func addresses() []string {
	return []string{*program.Bootstrap}
}

func produce() {
	codecs := map[string]sarama.CompressionCodec{
		"none": sarama.CompressionNone, "gzip": sarama.CompressionGZIP, "snappy": sarama.CompressionSnappy,
		"lz4": sarama.CompressionLZ4, "zstd": sarama.CompressionZSTD,
	}
	config := config()
	config.Producer.Compression = codecs[*program.Codec]
	config.Producer.Return.Successes = true
	// Its default puts keys elsewhere than Java does.
	config.Producer.Partitioner = sarama.NewMurmur2Partitioner
	if program.Idempotent() {
		config.Producer.Idempotent = true
		config.Producer.RequiredAcks = sarama.WaitForAll
		config.Net.MaxOpenRequests = 1
	}
	producer, err := sarama.NewAsyncProducer(addresses(), config)
	program.Check(err)
	var ended sync.WaitGroup
	ended.Add(2)
	go func() {
		defer ended.Done()
		for message := range producer.Successes() {
			program.TellPlace(int(message.Partition), message.Offset)
		}
	}()
	go func() {
		defer ended.Done()
		for failure := range producer.Errors() {
			program.Check(failure)
		}
	}()
	program.Records(func(key, value []byte) {
		message := &sarama.ProducerMessage{Topic: *program.Topic}
		message.Key = sarama.ByteEncoder(key)
		message.Value = sarama.ByteEncoder(value)
		producer.Input() <- message
	})
	producer.AsyncClose()
	ended.Wait()
}

// A handler is told of every generation of the group.
type handler struct{}

func (handler) Setup(session sarama.ConsumerGroupSession) error {
	program.TellAssigned(session.Claims()[*program.Topic])
	return nil
}

func (handler) Cleanup(session sarama.ConsumerGroupSession) error {
	session.Commit()
	program.TellAssigned(nil)
	return nil
}

func (handler) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case message, isOpen := <-claim.Messages():
			if !isOpen {
				return nil
			}
			program.TellRecord(int(message.Partition), message.Offset, message.Key, message.Value)
			session.MarkMessage(message, "")
		case <-session.Context().Done():
			return nil
		}
	}
}

func member() {
	config := config()
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Offsets.AutoCommit.Enable = false
	config.Consumer.Group.Heartbeat.Interval = program.Heartbeat
	group, err := sarama.NewConsumerGroup(addresses(), *program.Group, config)
	program.Check(err)
	ctx := program.UntilInputEnds()
	for ctx.Err() == nil {
		program.Check(group.Consume(ctx, []string{*program.Topic}, handler{}))
	}
	program.Check(group.Close())
}

func admin() {
	topic := *program.Topic
	admin, err := sarama.NewClusterAdmin(addresses(), config())
	program.Check(err)
	details := &sarama.TopicDetail{NumPartitions: program.Partitions, ReplicationFactor: 1}
	program.Check(admin.CreateTopic(topic, details, false))
	program.AwaitPartitions(func() (int, error) {
		topics, err := admin.ListTopics()
		return int(topics[topic].NumPartitions), err
	})
	program.Check(admin.DeleteTopic(topic))
	program.Check(admin.Close())
}
