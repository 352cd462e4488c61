import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * A member of a group that says what happens to it, a line of JSON each: {@code {"event": "assigned", "revoked" or "lost",
 * "partitions": […], "atMs": …}} and {@code {"partition": …, "value": …}}. Leaves when its input ends.
 *
 * <p>Usage: {@code GroupMember BOOTSTRAP TOPIC GROUP ASSIGNOR}.
 */
public final class GroupMember {
  public static void main(String[] args) throws Exception {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    Properties config = new Properties();
    config.put("bootstrap.servers", args[0]);
    config.put("group.id", args[2]);
    config.put("partition.assignment.strategy", assignor(args[3]));
    config.put("auto.offset.reset", "earliest");
    config.put("session.timeout.ms", "6000");
    config.put("heartbeat.interval.ms", "200");
    config.put("key.deserializer", StringDeserializer.class.getName());
    config.put("value.deserializer", StringDeserializer.class.getName());
    KafkaConsumer<String, String> consumer = new KafkaConsumer<>(config);
    new Thread(() -> wakeUpAtEnd(consumer)).start();
    try (consumer) {
      consumer.subscribe(List.of(args[1]), new Listener());
      while (true) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
          say("{\"partition\":" + record.partition() + ",\"value\":\"" + record.value() + "\"}");
        }
      }
    } catch (WakeupException e) {
      // Told to leave: closing does it.
    }
    System.exit(0);
  }

  static String assignor(String name) {
    String type =
        switch (name) {
          case "range" -> "RangeAssignor";
          case "roundrobin" -> "RoundRobinAssignor";
          case "sticky" -> "StickyAssignor";
          case "cooperative-sticky" -> "CooperativeStickyAssignor";
          default -> throw new IllegalArgumentException(name);
        };
    return "org.apache.kafka.clients.consumer." + type;
  }

  static void wakeUpAtEnd(KafkaConsumer<String, String> consumer) {
    try {
      while (System.in.read() >= 0) {}
    } catch (java.io.IOException e) {
      // Also an end.
    }
    consumer.wakeup();
  }

  static synchronized void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  static final class Listener implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      report("assigned", partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      report("revoked", partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      report("lost", partitions);
    }

    static void report(String event, Collection<TopicPartition> partitions) {
      String numbers =
          partitions.stream().map(one -> "" + one.partition()).collect(Collectors.joining(","));
      say(
          "{\"event\":\"%s\",\"partitions\":[%s],\"atMs\":%d}"
              .formatted(event, numbers, System.currentTimeMillis()));
    }
  }

  private GroupMember() {}
}
