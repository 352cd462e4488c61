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
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.WakeupException;

/** Kafka's own Java client as a client of the matrix: see ../README.md for the commands. */
public class JavaClient {
    private static final String STRINGS = "org.apache.kafka.common.serialization.String";
    private static final int PARTITIONS = 3;

    public static void main(String[] args) throws Exception {
        Map<String, String> flags = new HashMap<>();
        for (int index = 1; index + 1 < args.length; index += 2) {
            flags.put(args[index].substring(2), args[index + 1]);
        }
        switch (args[0]) {
            case "produce" -> produce(flags);
            case "member" -> member(flags);
            case "admin" -> admin(flags);
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static Properties connection(Map<String, String> flags) {
        Properties config = new Properties();
        config.put("bootstrap.servers", flags.get("bootstrap"));
        if (!flags.containsKey("protocol")) return config;
        config.put("security.protocol", flags.get("protocol"));
        config.put("ssl.truststore.type", "PEM");
        config.put("ssl.truststore.location", flags.get("ca"));
        String mechanism = flags.get("mechanism");
        if (mechanism == null) return config;
        String module = mechanism.equals("PLAIN") ? "plain.PlainLoginModule" : "scram.ScramLoginModule";
        config.put("sasl.mechanism", mechanism);
        config.put("sasl.jaas.config", "org.apache.kafka.common.security." + module + " required username=\""
            + flags.get("username") + "\" password=\"" + flags.get("password") + "\";");
        return config;
    }

    private static void produce(Map<String, String> flags) throws Exception {
        boolean idempotent = flags.get("idempotent").equals("true");
        Properties config = connection(flags);
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
        Properties config = connection(flags);
        config.put("group.id", flags.get("group"));
        config.put("auto.offset.reset", "earliest");
        config.put("enable.auto.commit", false);
        config.put("heartbeat.interval.ms", 200);
        config.put("session.timeout.ms", 6000);
        config.put("key.deserializer", STRINGS + "Deserializer");
        config.put("value.deserializer", STRINGS + "Deserializer");
        if (flags.containsKey("assignor")) {
            config.put("partition.assignment.strategy", assignor(flags.get("assignor")));
        }
        try (var consumer = new KafkaConsumer<String, String>(config)) {
            consumer.subscribe(List.of(flags.get("topic")), new Listener(consumer));
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
                var records = consumer.poll(Duration.ofMillis(100));
                for (ConsumerRecord<String, String> record : records) {
                    tell("{\"partition\":" + record.partition() + ",\"offset\":" + record.offset()
                        + ",\"key\":\"" + record.key() + "\",\"value\":\"" + record.value() + "\"}");
                }
                if (!records.isEmpty()) commit(consumer);
            }
        } catch (WakeupException stopped) {
            System.exit(0);
        }
    }

    private static String assignor(String name) {
        String type = switch (name) {
            case "range" -> "RangeAssignor";
            case "roundrobin" -> "RoundRobinAssignor";
            case "sticky" -> "StickyAssignor";
            case "cooperative-sticky" -> "CooperativeStickyAssignor";
            default -> throw new IllegalArgumentException(name);
        };
        return "org.apache.kafka.clients.consumer." + type;
    }

    private static void commit(KafkaConsumer<String, String> consumer) {
        try {
            consumer.commitSync();
        } catch (RebalanceInProgressException later) {
            // Partitions that are given up are committed then, the others after the next poll.
        }
    }

    private static class Listener implements ConsumerRebalanceListener {
        private final KafkaConsumer<String, String> consumer;
        private final TreeSet<Integer> owned = new TreeSet<>();

        Listener(KafkaConsumer<String, String> consumer) {
            this.consumer = consumer;
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            partitions.forEach(each -> owned.add(each.partition()));
            tellAssigned();
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            commit(consumer);
            onPartitionsLost(partitions);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            partitions.forEach(each -> owned.remove(each.partition()));
            tellAssigned();
        }

        private void tellAssigned() {
            String list = owned.stream().map(String::valueOf).collect(Collectors.joining(","));
            tell("{\"assigned\":[" + list + "],\"atMs\":" + System.currentTimeMillis() + "}");
        }
    }

    private static void admin(Map<String, String> flags) throws Exception {
        String topic = flags.get("topic");
        try (var admin = Admin.create(connection(flags))) {
            admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1))).all().get();
            var described = admin.describeTopics(List.of(topic)).allTopicNames().get();
            tell("{\"partitions\":" + described.get(topic).partitions().size() + "}");
            admin.deleteTopics(List.of(topic)).all().get();
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
