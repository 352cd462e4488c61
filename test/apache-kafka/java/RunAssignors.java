import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/**
 * Lets Kafka's own assignors divide partitions. Reads one group a line, {@code {assignor, topics: {NAME: [[RACK…]…]}, members:
 * [{memberId, groupInstanceId, rackId, topics, ownedPartitions: [[TOPIC, PARTITION]…], generationId, userData}]}}, and answers
 * each with one line: member ids to {@code [[TOPIC, PARTITION]…]}, or {@code {"error": …}}.
 */
public final class RunAssignors {
  static final ObjectMapper MAPPER = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "off");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    PrintWriter out =
        new PrintWriter(new BufferedWriter(new OutputStreamWriter(System.out, "UTF-8")));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      ObjectNode answer = MAPPER.createObjectNode();
      try {
        assign(MAPPER.readTree(line)).forEach((member, list) -> addAll(answer.putArray(member), list));
      } catch (RuntimeException e) {
        answer.removeAll();
        answer.put("error", e.toString());
      }
      out.println(answer);
    }
    out.flush();
  }

  static void addAll(ArrayNode array, List<TopicPartition> partitions) {
    for (TopicPartition one : partitions) array.addArray().add(one.topic()).add(one.partition());
  }

  static Map<String, List<TopicPartition>> assign(JsonNode group) {
    Map<String, Subscription> members = new LinkedHashMap<>();
    group.get("members").forEach(one -> members.put(one.get("memberId").asText(), member(one)));
    Map<String, List<TopicPartition>> result = new HashMap<>();
    assignor(group.get("assignor").asText())
        .assign(cluster(group.get("topics")), new GroupSubscription(members))
        .groupAssignment()
        .forEach((member, assignment) -> result.put(member, assignment.partitions()));
    return result;
  }

  static ConsumerPartitionAssignor assignor(String name) {
    return switch (name) {
      case "range" -> new RangeAssignor();
      case "roundrobin" -> new RoundRobinAssignor();
      case "sticky" -> new StickyAssignor();
      case "cooperative-sticky" -> new CooperativeStickyAssignor();
      default -> throw new IllegalArgumentException(name);
    };
  }

  static Subscription member(JsonNode json) {
    List<String> topics = new ArrayList<>();
    json.get("topics").forEach(topic -> topics.add(topic.asText()));
    List<TopicPartition> owned = new ArrayList<>();
    for (JsonNode one : json.get("ownedPartitions")) {
      owned.add(new TopicPartition(one.get(0).asText(), one.get(1).asInt()));
    }
    JsonNode userData = json.get("userData");
    ByteBuffer bytes =
        userData.isNull() ? null : ByteBuffer.wrap(Base64.getDecoder().decode(userData.asText()));
    Subscription member =
        new Subscription(topics, bytes, owned, json.get("generationId").asInt(), text(json, "rackId"));
    member.setGroupInstanceId(text(json, "groupInstanceId"));
    return member;
  }

  static Optional<String> text(JsonNode json, String name) {
    return json.get(name).isNull() ? Optional.empty() : Optional.of(json.get(name).asText());
  }

  /** A node per rack: assignors look at nothing else of a replica. */
  static Cluster cluster(JsonNode topics) {
    Map<String, Node> nodes = new LinkedHashMap<>();
    List<PartitionInfo> partitions = new ArrayList<>();
    for (Map.Entry<String, JsonNode> topic : topics.properties()) {
      for (int number = 0; number < topic.getValue().size(); number++) {
        List<Node> replicas = new ArrayList<>();
        for (JsonNode rack : topic.getValue().get(number)) {
          replicas.add(
              nodes.computeIfAbsent(rack.asText(), name -> new Node(nodes.size(), "h", 1, name)));
        }
        Node[] all = replicas.toArray(new Node[0]);
        Node leader = all.length == 0 ? Node.noNode() : all[0];
        partitions.add(new PartitionInfo(topic.getKey(), number, leader, all, all));
      }
    }
    return new Cluster("c", nodes.values(), partitions, Set.of(), Set.of());
  }

  private RunAssignors() {}
}
