import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.message.KRaftVersionRecord;
import org.apache.kafka.common.message.LeaderChangeMessage;
import org.apache.kafka.common.message.SnapshotFooterRecord;
import org.apache.kafka.common.message.SnapshotHeaderRecord;
import org.apache.kafka.common.message.VotersRecord;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Utils;

/**
 * Writes golden vectors of record batches and of the partitions that keys fall on, with Kafka's own classes.
 *
 * <p>Usage: {@code java -cp 'libs/*' WriteRecordVectors.java OUT}.
 */
public final class WriteRecordVectors {
  static final ObjectMapper MAPPER = new ObjectMapper();
  static final long TIME = 1_700_000_000_000L;
  static final Header[] NO_HEADERS = {};

  /** Repeated, this fills more than one block of every codec, and stays short in the file. */
  static final byte[] UNIT = bytes("It is a truth universally acknowledged, ");

  final ArrayNode vectors = MAPPER.createArrayNode();

  public static void main(String[] args) throws Exception {
    WriteRecordVectors writer = new WriteRecordVectors();
    writer.everyMagicAndCodec();
    writer.producers();
    writer.shapes();
    writer.controls();
    try (PrintWriter out = new PrintWriter(new File(args[0]), "UTF-8")) {
      out.println("{\"batches\":[");
      out.println(lines(writer.vectors));
      out.println("],\"keys\":[");
      out.println(lines(keys()));
      out.println("]}");
    }
  }

  /** Magic 0, 1 and 2, each with every codec it may use, small and larger than one block. */
  void everyMagicAndCodec() {
    for (byte magic = 0; magic <= 2; magic++) {
      for (CompressionType codec : CompressionType.values()) {
        if (codec == CompressionType.ZSTD && magic < 2) continue;
        String name = "magic " + magic + " " + codec.name;
        MemoryRecordsBuilder small = builder(magic, codec, TimestampType.CREATE_TIME, 100);
        small.append(TIME + 5, bytes("key"), bytes("value"));
        small.append(TIME, null, bytes("a value without a key"));
        small.append(TIME + 9, bytes("a key without a value"), null);
        small.append(TIME + 9, new byte[0], new byte[0]);
        add(name, small.build());

        MemoryRecordsBuilder large = builder(magic, codec, TimestampType.CREATE_TIME, 0);
        byte[] value = new byte[UNIT.length * 4000];
        for (int i = 0; i < value.length; i++) value[i] = UNIT[i % UNIT.length];
        large.append(TIME, null, value);
        if (codec != CompressionType.NONE) add(name + " of several blocks", large.build());

        if (magic == 0) continue;
        MemoryRecordsBuilder stamped = builder(magic, codec, TimestampType.LOG_APPEND_TIME, 7);
        stamped.append(TIME, bytes("k1"), bytes("v1"));
        stamped.append(TIME + 1, bytes("k2"), bytes("v2"));
        add(name + " log append time", stamped.build());
      }
    }
  }

  /** What idempotent and transactional producers write. */
  void producers() {
    MemoryRecordsBuilder idempotent =
        MemoryRecords.builder(buffer(), (byte) 2, Compression.NONE, TimestampType.CREATE_TIME, 0L, -1L, 4_000_000_000L, (short) 3, Integer.MAX_VALUE - 1, false, 12);
    for (int i = 0; i < 4; i++) idempotent.append(TIME + i, bytes("k" + i), bytes("v" + i));
    add("idempotent, sequence wraps", idempotent.build());
    MemoryRecordsBuilder transactional =
        MemoryRecords.builder(buffer(), (byte) 2, Compression.lz4().build(), TimestampType.CREATE_TIME, 5_000_000_000L, -1L, 77L, (short) 0, 0, true, 4);
    transactional.append(TIME, bytes("k"), bytes("v"));
    add("transactional lz4", transactional.build());
  }

  /** Headers, gaps left by compaction, negative deltas, two batches in a row. */
  void shapes() {
    MemoryRecordsBuilder headers = builder((byte) 2, CompressionType.NONE, TimestampType.CREATE_TIME, 0);
    Header[] three = {
      new RecordHeader("trace", bytes("abc")), new RecordHeader("trace", null), new RecordHeader("\u017elu\u0165", new byte[0]),
    };
    headers.append(TIME, bytes("k"), bytes("v"), three);
    headers.append(TIME - 70_000, (byte[]) null, null, NO_HEADERS);
    add("headers and a timestamp before the first", headers.build());

    MemoryRecordsBuilder gaps = builder((byte) 2, CompressionType.GZIP, TimestampType.CREATE_TIME, 1000);
    gaps.appendWithOffset(1003, TIME, bytes("kept"), bytes("v"), NO_HEADERS);
    gaps.appendWithOffset(1300, TIME + 1, bytes("kept too"), bytes("v"), NO_HEADERS);
    gaps.overrideLastOffset(1999);
    add("compacted", gaps.build());

    MemoryRecordsBuilder horizon =
        new MemoryRecordsBuilder(new org.apache.kafka.common.utils.internals.ByteBufferOutputStream(buffer()), (byte) 2, Compression.NONE,
            TimestampType.CREATE_TIME, 50, -1L, -1L, (short) -1, -1, false, false, 0, 4096, TIME + 3_600_000);
    horizon.append(TIME, bytes("tombstone"), null);
    add("delete horizon", horizon.build());

    MemoryRecords first = withOne(10, "first");
    MemoryRecords second = withOne(11, "second");
    ByteBuffer both = buffer();
    both.put(first.buffer().duplicate()).put(second.buffer().duplicate()).flip();
    add("two batches", MemoryRecords.readableRecords(both));
    ByteBuffer cut = both.duplicate();
    cut.limit(both.limit() - 1);
    add("two batches, the last cut short", MemoryRecords.readableRecords(cut));
  }

  /** Markers of transactions and what KRaft writes into its log. */
  void controls() {
    for (ControlRecordType type : List.of(ControlRecordType.ABORT, ControlRecordType.COMMIT)) {
      EndTransactionMarker marker = new EndTransactionMarker(type, 15);
      add("control " + type, MemoryRecords.withEndTransactionMarker(42, TIME, 3, 77, (short) 2, marker));
    }
    add("control leader change", MemoryRecords.withLeaderChangeMessage(0, TIME, 5, buffer(),
        new LeaderChangeMessage().setLeaderId(1)
            .setVoters(List.of(new LeaderChangeMessage.Voter().setVoterId(1)))
            .setGrantingVoters(List.of(new LeaderChangeMessage.Voter().setVoterId(1)))));
    add("control snapshot header", MemoryRecords.withSnapshotHeaderRecord(0, TIME, 5, buffer(),
        new SnapshotHeaderRecord().setLastContainedLogTimestamp(TIME)));
    add("control snapshot footer", MemoryRecords.withSnapshotFooterRecord(9, TIME, 5, buffer(), new SnapshotFooterRecord()));
    add("control kraft version", MemoryRecords.withKRaftVersionRecord(1, TIME, 5, buffer(), new KRaftVersionRecord().setKRaftVersion((short) 1)));
    VotersRecord.Endpoint endpoint = new VotersRecord.Endpoint().setName("CONTROLLER").setHost("localhost").setPort(9093);
    VotersRecord.Voter voter = new VotersRecord.Voter().setVoterId(1).setVoterDirectoryId(new Uuid(1, 2))
        .setEndpoints(new VotersRecord.EndpointCollection(List.of(endpoint).iterator()))
        .setKRaftVersionFeature(new VotersRecord.KRaftVersionFeature().setMinSupportedVersion((short) 0).setMaxSupportedVersion((short) 1));
    add("control voters", MemoryRecords.withVotersRecord(2, TIME, 5, buffer(), new VotersRecord().setVoters(List.of(voter))));
  }

  static ArrayNode keys() {
    ArrayNode keys = MAPPER.createArrayNode();
    List<String> texts = List.of("", "a", "ab", "abc", "abcd", "abcde", "21", "foobar", "ATL", "a-little-bit-longer-string", "\u017elu\u0165ou\u010dk\u00fd", "\ud834\udd1e");
    for (String text : texts) keys.add(key(bytes(text)).put("text", text));
    keys.add(key(new byte[] {0, 0x20}));
    keys.add(key(new byte[] {-1, -2, -3, -4, -5, -6, -7}));
    keys.add(key(new byte[] {0, 0, 0, 0}));
    return keys;
  }

  static ObjectNode key(byte[] key) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("key", HexFormat.of().formatHex(key)).put("murmur2", Utils.murmur2(key));
    ObjectNode partitions = node.putObject("partitions");
    for (int count : new int[] {1, 2, 3, 10, 12, 1000}) {
      partitions.put(Integer.toString(count), BuiltInPartitioner.partitionForKey(key, count));
    }
    return node;
  }

  void add(String name, MemoryRecords records) {
    ObjectNode vector = vectors.addObject().put("name", name).put("bytes", hex(records.buffer()));
    ArrayNode batches = vector.putArray("batches");
    for (RecordBatch batch : records.batches()) {
      batch.ensureValid();
      describe(batch, batches.addObject());
    }
  }

  static void describe(RecordBatch batch, ObjectNode node) {
    node.put("magic", batch.magic()).put("baseOffset", Long.toString(batch.baseOffset()));
    node.put("lastOffset", Long.toString(batch.lastOffset())).put("nextOffset", Long.toString(batch.nextOffset()));
    node.put("sizeInBytes", batch.sizeInBytes()).put("compression", batch.compressionType().name);
    node.put("timestampType", batch.timestampType().name).put("maxTimestamp", Long.toString(batch.maxTimestamp()));
    node.put("partitionLeaderEpoch", batch.partitionLeaderEpoch()).put("producerId", Long.toString(batch.producerId()));
    node.put("producerEpoch", batch.producerEpoch()).put("baseSequence", batch.baseSequence());
    node.put("isTransactional", batch.isTransactional()).put("isControl", batch.isControlBatch());
    batch.deleteHorizonMs().ifPresent(time -> node.put("deleteHorizon", Long.toString(time)));
    ArrayNode list = node.putArray("records");
    for (Record record : batch) {
      ObjectNode item = list.addObject().put("offset", Long.toString(record.offset()));
      item.put("timestamp", Long.toString(record.timestamp()));
      item.put("key", record.hasKey() ? hex(record.key()) : null);
      if (record.valueSize() > 10 * UNIT.length) {
        item.putObject("value").put("repeat", HexFormat.of().formatHex(UNIT)).put("times", record.valueSize() / UNIT.length);
      } else {
        item.put("value", record.hasValue() ? hex(record.value()) : null);
      }
      ArrayNode headers = item.putArray("headers");
      for (Header header : record.headers()) {
        headers.addObject().put("key", header.key()).put("value", header.value() == null ? null : HexFormat.of().formatHex(header.value()));
      }
    }
  }

  static MemoryRecords withOne(long offset, String value) {
    MemoryRecordsBuilder builder = builder((byte) 2, CompressionType.NONE, TimestampType.CREATE_TIME, offset);
    builder.append(TIME, null, bytes(value));
    return builder.build();
  }

  static MemoryRecordsBuilder builder(byte magic, CompressionType codec, TimestampType type, long baseOffset) {
    return MemoryRecords.builder(buffer(), magic, Compression.of(codec).build(), type, baseOffset, TIME + 1000);
  }

  static ByteBuffer buffer() {
    return ByteBuffer.allocate(256 * 1024);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String hex(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** One element a line, so that a difference shows which vector changed. */
  static String lines(ArrayNode list) throws Exception {
    String[] lines = new String[list.size()];
    for (int i = 0; i < lines.length; i++) lines[i] = MAPPER.writeValueAsString(list.get(i));
    return String.join(",\n", Arrays.asList(lines));
  }

  private WriteRecordVectors() {}
}
