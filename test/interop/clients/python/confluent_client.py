"""librdkafka through confluent-kafka as a client of the matrix: see ../README.md for the commands."""

import sys
import time

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from program import (
    PARTITIONS,
    records,
    run,
    tell,
    tell_assigned,
    tell_place,
    tell_record,
    until_input_ends,
)


def connection(flags):
    config = {
        "bootstrap.servers": flags.bootstrap,
        "security.protocol": flags.protocol,
        "ssl.ca.location": flags.ca,
        "sasl.mechanism": flags.mechanism,
        "sasl.username": flags.username,
        "sasl.password": flags.password,
    }
    return {name: value for name, value in config.items() if value is not None}


def produce(flags):
    producer = Producer(
        {
            **connection(flags),
            "compression.type": flags.codec,
            "enable.idempotence": flags.idempotent,
            "partitioner": "murmur2_random",
        }
    )

    def delivered(error, message):
        if error is not None:
            sys.exit(str(error))
        tell_place(message.partition(), message.offset())

    for key, value in records():
        producer.produce(flags.topic, key=key, value=value, on_delivery=delivered)
        producer.poll(0)
    producer.flush(30)


def member(flags):
    consumer = Consumer(
        {
            **connection(flags),
            "group.id": flags.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "heartbeat.interval.ms": 500,
            "partition.assignment.strategy": "cooperative-sticky",
        }
    )
    owned = set()

    def assigned(_, partitions):
        owned.update(each.partition for each in partitions)
        tell_assigned(owned)
        consumer.incremental_assign(partitions)

    def revoked(_, partitions):
        owned.difference_update(each.partition for each in partitions)
        tell_assigned(owned)
        consumer.incremental_unassign(partitions)

    consumer.subscribe([flags.topic], on_assign=assigned, on_revoke=revoked)
    stopped = until_input_ends()
    while not stopped.is_set():
        messages = consumer.consume(500, 0.2)
        for message in messages:
            if message.error() is not None:
                sys.exit(str(message.error()))
            tell_record(message.partition(), message.offset(), message.key(), message.value())
        if messages:
            consumer.commit(asynchronous=False)
    consumer.close()


def admin(flags):
    client = AdminClient(connection(flags))
    client.create_topics([NewTopic(flags.topic, PARTITIONS, 1)])[flags.topic].result(10)
    while True:
        found = client.list_topics(flags.topic, 10).topics[flags.topic].partitions
        if len(found) == PARTITIONS:
            break
        time.sleep(0.05)
    tell({"partitions": len(found)})
    client.delete_topics([flags.topic])[flags.topic].result(10)


run(produce, member, admin)
