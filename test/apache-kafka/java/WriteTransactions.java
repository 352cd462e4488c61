import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes transactions of several producers, interleaved in one partition, and ends them at random by commit or abort, beside
 * records without a transaction. Prints {@code offset value} of every record that was not aborted, in order.
 *
 * <p>Arguments: bootstrap servers, topic, seed, number of steps.
 */
public class WriteTransactions {
  private static final int PRODUCERS = 4;

  public static void main(String[] args) throws Exception {
    String topic = args[1];
    Random random = new Random(Long.parseLong(args[2]));
    int steps = Integer.parseInt(args[3]);
    TreeMap<Long, String> committed = new TreeMap<>();
    List<KafkaProducer<String, String>> producers = new ArrayList<>();
    List<TreeMap<Long, String>> open = new ArrayList<>();
    for (int id = 0; id < PRODUCERS; id++) {
      KafkaProducer<String, String> producer = producer(args[0], topic + "-" + id);
      producer.initTransactions();
      producers.add(producer);
      open.add(null);
    }
    KafkaProducer<String, String> plain = producer(args[0], null);
    for (int step = 0; step < steps; step++) {
      int id = random.nextInt(PRODUCERS + 1);
      if (id == PRODUCERS) {
        send(plain, topic, "plain " + step, random, committed);
        continue;
      }
      KafkaProducer<String, String> producer = producers.get(id);
      if (open.get(id) == null) {
        producer.beginTransaction();
        open.set(id, new TreeMap<>());
      }
      send(producer, topic, "transactional " + step, random, open.get(id));
      if (random.nextInt(3) == 0) end(producer, open, id, random.nextBoolean(), committed);
    }
    for (int id = 0; id < PRODUCERS; id++) {
      if (open.get(id) != null) end(producers.get(id), open, id, id % 2 == 0, committed);
    }
    for (KafkaProducer<String, String> producer : producers) producer.close();
    plain.close();
    committed.forEach((offset, value) -> System.out.println(offset + " " + value));
  }

  private static KafkaProducer<String, String> producer(String bootstrap, String id) {
    TreeMap<String, Object> configs = new TreeMap<>(Map.of("bootstrap.servers", bootstrap));
    if (id != null) configs.put("transactional.id", id);
    return new KafkaProducer<>(configs, new StringSerializer(), new StringSerializer());
  }

  /** Sends one to three records, each in a batch of its own so that those of several producers lie between one another. */
  private static void send(
      KafkaProducer<String, String> producer,
      String topic,
      String value,
      Random random,
      TreeMap<Long, String> sent)
      throws Exception {
    for (int count = 1 + random.nextInt(3); count > 0; count--) {
      String text = value + " " + count;
      RecordMetadata metadata = producer.send(new ProducerRecord<>(topic, 0, null, text)).get();
      sent.put(metadata.offset(), text);
    }
  }

  private static void end(
      KafkaProducer<String, String> producer,
      List<TreeMap<Long, String>> open,
      int id,
      boolean commit,
      TreeMap<Long, String> committed) {
    if (commit) {
      producer.commitTransaction();
      committed.putAll(open.get(id));
    } else {
      producer.abortTransaction();
    }
    open.set(id, null);
  }
}
