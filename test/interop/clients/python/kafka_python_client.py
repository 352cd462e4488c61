"""kafka-python as a client of the matrix: see ../README.md for the commands."""

import argparse
import json
import sys
import threading

from kafka import ConsumerRebalanceListener, KafkaConsumer, KafkaProducer


def tell(value):
    print(json.dumps(value), flush=True)


def produce(flags):
    codec = None if flags.codec == "none" else flags.codec
    idempotent = flags.idempotent == "true"
    producer = KafkaProducer(
        bootstrap_servers=flags.bootstrap,
        compression_type=codec,
        enable_idempotence=idempotent,
        acks="all" if idempotent else 1,
    )
    sent = []
    for line in sys.stdin.buffer.read().decode().splitlines():
        key, value = line.split("\t", 1)
        sent.append(producer.send(flags.topic, key=key.encode(), value=value.encode()))
    producer.flush()
    for future in sent:
        metadata = future.get(timeout=30)
        tell({"partition": metadata.partition, "offset": metadata.offset})
    producer.close()


class Listener(ConsumerRebalanceListener):
    def on_partitions_assigned(self, assigned):
        tell({"assigned": sorted(each.partition for each in assigned)})

    def on_partitions_revoked(self, revoked):
        tell({"assigned": []})


def member(flags):
    consumer = KafkaConsumer(
        bootstrap_servers=flags.bootstrap,
        group_id=flags.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        heartbeat_interval_ms=500,
    )
    consumer.subscribe([flags.topic], listener=Listener())
    stopped = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()
    while not stopped.is_set():
        for records in consumer.poll(timeout_ms=200).values():
            for record in records:
                tell(
                    {
                        "partition": record.partition,
                        "offset": record.offset,
                        "key": record.key.decode(),
                        "value": record.value.decode(),
                    }
                )
            consumer.commit()
    consumer.close()


parser = argparse.ArgumentParser()
parser.add_argument("command", choices=["produce", "member"])
for name in ("bootstrap", "topic", "codec", "idempotent", "group"):
    parser.add_argument("--" + name)
arguments = parser.parse_args()
{"produce": produce, "member": member}[arguments.command](arguments)
