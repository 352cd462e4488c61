"""aiokafka as a client of the matrix: see ../README.md for the commands."""

import asyncio
import ssl

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

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
        "ssl_context": flags.ca and ssl.create_default_context(cafile=flags.ca),
        "sasl_mechanism": flags.mechanism or "PLAIN",
        "sasl_plain_username": flags.username,
        "sasl_plain_password": flags.password,
    }


async def produce(flags):
    producer = AIOKafkaProducer(
        **connection(flags),
        compression_type=None if flags.codec == "none" else flags.codec,
        enable_idempotence=flags.idempotent,
        acks="all" if flags.idempotent else 1,
    )
    await producer.start()
    sent = [await producer.send(flags.topic, key=key, value=value) for key, value in records()]
    for metadata in await asyncio.gather(*sent):
        tell_place(metadata.partition, metadata.offset)
    await producer.stop()


class Listener(ConsumerRebalanceListener):
    async def on_partitions_assigned(self, assigned):
        tell_assigned(each.partition for each in assigned)

    async def on_partitions_revoked(self, revoked):
        tell_assigned([])


async def member(flags):
    consumer = AIOKafkaConsumer(
        **connection(flags),
        group_id=flags.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        heartbeat_interval_ms=500,
        fetch_max_wait_ms=200,
    )
    consumer.subscribe([flags.topic], listener=Listener())
    await consumer.start()
    stopped = until_input_ends()
    while not stopped.is_set():
        for found in (await consumer.getmany(timeout_ms=200)).values():
            for record in found:
                tell_record(record.partition, record.offset, record.key, record.value)
            await consumer.commit()
    await consumer.stop()


async def admin(flags):
    client = AIOKafkaAdminClient(**connection(flags))
    await client.start()
    await client.create_topics([NewTopic(flags.topic, PARTITIONS, 1)])
    while True:
        [topic] = await client.describe_topics([flags.topic])
        if len(topic["partitions"]) == PARTITIONS:
            break
        await asyncio.sleep(0.05)
    tell({"partitions": len(topic["partitions"])})
    await client.delete_topics([flags.topic])
    await client.close()


def asynchronous(command):
    return lambda flags: asyncio.run(command(flags))


run(asynchronous(produce), asynchronous(member), asynchronous(admin))
