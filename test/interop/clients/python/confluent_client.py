"""librdkafka through confluent-kafka as a client of the matrix: see ../README.md for the commands."""

import argparse
import json
import sys
import threading

from confluent_kafka import Consumer, Producer


def tell(value):
    print(json.dumps(value), flush=True)


def produce(flags):
    producer = Producer(
        {
            "bootstrap.servers": flags.bootstrap,
            "compression.type": flags.codec,
            "enable.idempotence": flags.idempotent == "true",
            "partitioner": "murmur2_random",
        }
    )

    def delivered(error, message):
        if error is not None:
            sys.exit(str(error))
        tell({"partition": message.partition(), "offset": message.offset()})

    for line in sys.stdin.buffer.read().decode().splitlines():
        key, value = line.split("\t", 1)
        producer.produce(flags.topic, key=key, value=value, on_delivery=delivered)
        producer.poll(0)
    producer.flush(30)


def member(flags):
    consumer = Consumer(
        {
            "bootstrap.servers": flags.bootstrap,
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
        tell({"assigned": sorted(owned)})
        consumer.incremental_assign(partitions)

    def revoked(_, partitions):
        owned.difference_update(each.partition for each in partitions)
        tell({"assigned": sorted(owned)})
        consumer.incremental_unassign(partitions)

    consumer.subscribe([flags.topic], on_assign=assigned, on_revoke=revoked)
    stopped = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()
    while not stopped.is_set():
        messages = consumer.consume(500, 0.2)
        for message in messages:
            if message.error() is not None:
                sys.exit(str(message.error()))
            tell(
                {
                    "partition": message.partition(),
                    "offset": message.offset(),
                    "key": message.key().decode(),
                    "value": message.value().decode(),
                }
            )
        if messages:
            consumer.commit(asynchronous=False)
    consumer.close()


parser = argparse.ArgumentParser()
parser.add_argument("command", choices=["produce", "member"])
for name in ("bootstrap", "topic", "codec", "idempotent", "group"):
    parser.add_argument("--" + name)
arguments = parser.parse_args()
{"produce": produce, "member": member}[arguments.command](arguments)
