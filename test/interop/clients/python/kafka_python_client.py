"""kafka-python as a client of the matrix: see ../README.md for the commands."""

import time

from kafka import ConsumerRebalanceListener, KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic

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
    return {
        "bootstrap_servers": flags.bootstrap,
        "security_protocol": flags.protocol,
        "ssl_cafile": flags.ca,
        "sasl_mechanism": flags.mechanism,
        "sasl_plain_username": flags.username,
        "sasl_plain_password": flags.password,
    }


def produce(flags):
    producer = KafkaProducer(
        **connection(flags),
        compression_type=None if flags.codec == "none" else flags.codec,
        enable_idempotence=flags.idempotent,
        acks="all" if flags.idempotent else 1,
    )
    sent = [producer.send(flags.topic, key=key, value=value) for key, value in records()]
    producer.flush()
    for future in sent:
        metadata = future.get(timeout=30)
        tell_place(metadata.partition, metadata.offset)
    producer.close()


class Listener(ConsumerRebalanceListener):
    def on_partitions_assigned(self, assigned):
        tell_assigned(each.partition for each in assigned)

    def on_partitions_revoked(self, revoked):
        tell_assigned([])


def member(flags):
    consumer = KafkaConsumer(
        **connection(flags),
        group_id=flags.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        heartbeat_interval_ms=500,
    )
    consumer.subscribe([flags.topic], listener=Listener())
    stopped = until_input_ends()
    while not stopped.is_set():
        # A poll that ends before the group has been joined throws the join away if it ends before the next poll begins,
        # and joins anew: on a starved machine short polls may go on so for minutes.
        timeout_ms = 200 if consumer.assignment() else 10_000
        for found in consumer.poll(timeout_ms=timeout_ms).values():
            for record in found:
                tell_record(record.partition, record.offset, record.key, record.value)
            consumer.commit()
    consumer.close()


def admin(flags):
    client = KafkaAdminClient(**connection(flags))
    client.create_topics([NewTopic(flags.topic, PARTITIONS, 1)])
    while True:
        found = client.describe_topics([flags.topic])[0]["partitions"]
        if len(found) == PARTITIONS:
            break
        time.sleep(0.05)
    tell({"partitions": len(found)})
    client.delete_topics([flags.topic])
    client.close()


run(produce, member, admin)
