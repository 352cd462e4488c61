import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/** Kafka's own Java client as a client of the matrix: see ../README.md for the commands. */
public class JavaClient {
    private static final String STRINGS = "org.apache.kafka.common.serialization.String";

    public static void main(String[] args) throws Exception {
        Map<String, String> flags = new HashMap<>();
        for (int index = 1; index + 1 < args.length; index += 2) {
            flags.put(args[index].substring(2), args[index + 1]);
        }
        if (args[0].equals("produce")) produce(flags);
        else member(flags);
    }

    private static void produce(Map<String, String> flags) throws Exception {
        boolean idempotent = flags.get("idempotent").equals("true");
        Properties config = new Properties();
        config.put("bootstrap.servers", flags.get("bootstrap"));
        config.put("compression.type", flags.get("codec"));
        config.put("enable.idempotence", idempotent);
        config.put("acks", idempotent ? "all" : "1");
        config.put("key.serializer", STRINGS + "Serializer");
        config.put("value.serializer", STRINGS + "Serializer");
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (var producer = new KafkaProducer<String, String>(config)) {
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                String[] pair = line.split("\t", 2);
                producer.send(new ProducerRecord<>(flags.get("topic"), pair[0], pair[1]), (metadata, error) -> {
                    if (error != null) fail(error);
                    tell("{\"partition\":" + metadata.partition() + ",\"offset\":" + metadata.offset() + "}");
                });
            }
        }
    }

    private static void member(Map<String, String> flags) throws Exception {
        Properties config = new Properties();
        config.put("bootstrap.servers", flags.get("bootstrap"));
        config.put("group.id", flags.get("group"));
        config.put("auto.offset.reset", "earliest");
        config.put("enable.auto.commit", false);
        config.put("heartbeat.interval.ms", 500);
        config.put("session.timeout.ms", 6000);
        config.put("key.deserializer", STRINGS + "Deserializer");
        config.put("value.deserializer", STRINGS + "Deserializer");
        if (flags.containsKey("assignors")) config.put("partition.assignment.strategy", flags.get("assignors"));
        try (var consumer = new KafkaConsumer<String, String>(config)) {
            consumer.subscribe(List.of(flags.get("topic")), new Listener());
            Thread waiting = new Thread(() -> {
                try {
                    while (System.in.read() >= 0) continue;
                } catch (Exception ended) {
                    // However the input ends, it is the sign to leave.
                }
                consumer.wakeup();
            });
            waiting.setDaemon(true);
            waiting.start();
            while (true) {
                var records = consumer.poll(Duration.ofMillis(500));
                for (ConsumerRecord<String, String> record : records) {
                    tell("{\"partition\":" + record.partition() + ",\"offset\":" + record.offset()
                        + ",\"key\":\"" + record.key() + "\",\"value\":\"" + record.value() + "\"}");
                }
                if (!records.isEmpty()) consumer.commitSync();
            }
        } catch (WakeupException stopped) {
            System.exit(0);
        }
    }

    private static class Listener implements ConsumerRebalanceListener {
        private final TreeSet<Integer> owned = new TreeSet<>();

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            partitions.forEach(each -> owned.add(each.partition()));
            tellAssigned();
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            partitions.forEach(each -> owned.remove(each.partition()));
            tellAssigned();
        }

        private void tellAssigned() {
            String list = owned.stream().map(String::valueOf).collect(Collectors.joining(","));
            tell("{\"assigned\":[" + list + "]}");
        }
    }

    private static synchronized void tell(String line) {
        System.out.println(line);
    }

    private static void fail(Exception error) {
        System.err.println(error);
        System.exit(1);
    }
}
