import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.PrintWriter;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.Readable;
import org.apache.kafka.common.protocol.types.RawTaggedField;

/**
 * Writes golden vectors of Kafka's messages with Kafka's own generated classes.
 *
 * <p>One program covers every message: the schema (Kafka's JSON) says which fields a version has, and
 * reflection finds the class, its setters and its getters. Every message is read back by the Java class,
 * and must come out as it went in, before its vector is written.
 *
 * <p>Usage: {@code java -cp 'libs/*' WriteVectors.java PLAN OUT}. PLAN is a JSON array of
 * {@code {"schema": …, "versions": […]}}; OUT gets one JSON object a line, per message, mode and version.
 */
public final class WriteVectors {
  /** What a vector fills in. The README of this folder says what each one is for. */
  enum Mode {
    DEFAULT, ELEMENTS, FULL, NULL, INNER_NULL, EMPTY, LIMITS;

    String label() {
      return name().toLowerCase().replace('_', '-');
    }
  }

  static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  static final String[] PACKAGES = {
    "org.apache.kafka.common.message",
    "org.apache.kafka.common.metadata",
    "org.apache.kafka.coordinator.group.generated",
    "org.apache.kafka.coordinator.transaction.generated",
    "org.apache.kafka.coordinator.share.generated",
    "org.apache.kafka.raft.generated",
  };

  /** Where MemoryRecords was until 4.3, and where it is since. */
  static final Class<?> RECORDS =
      firstClass(
          "org.apache.kafka.common.record.MemoryRecords",
          "org.apache.kafka.common.record.internal.MemoryRecords");

  public static void main(String[] args) throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    int vectors = 0;
    int refused = 0;
    try (PrintWriter out = new PrintWriter(args[1], "UTF-8")) {
      for (JsonNode entry : mapper.readTree(new File(args[0]))) {
        MessageWriter writer = new MessageWriter(entry.get("schema"));
        for (JsonNode version : entry.get("versions")) {
          Set<String> seen = new HashSet<>();
          for (Mode mode : Mode.values()) {
            ObjectNode vector = writer.vector(mode, (short) version.asInt());
            if (vector == null) {
              refused++;
            } else if (seen.add(vector.get("bytes").asText() + vector.get("value"))) {
              out.println(mapper.writeValueAsString(vector));
              vectors++;
            }
          }
        }
      }
    }
    System.out.println(vectors + " vectors; " + refused + " combinations that Java refuses to write");
  }

  /** Writes one message at any version, guided by its schema. */
  static final class MessageWriter {
    final JsonNode schema;
    final String name;
    final Class<?> type;
    final Map<String, JsonNode> structs = new HashMap<>();
    final Map<String, Class<?>> classes = new HashMap<>();
    final Map<String, Integer> ordinals = new HashMap<>();

    short version;
    Mode mode;
    boolean flexible;

    MessageWriter(JsonNode schema) {
      this.schema = schema;
      this.name = schema.get("name").asText();
      this.type = classOf(name, schema.get("type").asText());
      for (Class<?> nested : type.getDeclaredClasses()) classes.put(nested.getSimpleName(), nested);
      for (JsonNode common : schema.path("commonStructs")) {
        structs.put(common.get("name").asText(), common.get("fields"));
      }
      number(schema.path("fields"), "");
    }

    /** Numbers the fields in the schema's order, so that a field keeps its value in all versions. */
    void number(JsonNode fields, String path) {
      for (JsonNode field : fields) {
        String inner = path + "/" + field.get("name").asText();
        ordinals.put(inner, ordinals.size() + 1);
        number(fieldsOf(field), inner);
      }
    }

    /** The vector, or null when the Java class refuses to write this value (null where none may be). */
    ObjectNode vector(Mode mode, short version) throws Exception {
      this.mode = mode;
      this.version = version;
      this.flexible = contains(schema.path("flexibleVersions").asText("none"), version);
      JsonNode fields = schema.path("fields");
      Message message = (Message) build(type, fields, "", 0, mode == Mode.DEFAULT);
      byte[] bytes;
      try {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        if (buffer.hasRemaining()) throw new IllegalStateException("size and bytes differ: " + name);
        bytes = buffer.array();
      } catch (NullPointerException refused) {
        return null;
      }
      ObjectNode value = describe(message, fields);
      ByteBuffer input = ByteBuffer.wrap(bytes);
      Object back =
          type.getConstructor(Readable.class, short.class)
              .newInstance(new ByteBufferAccessor(input), version);
      if (input.hasRemaining() || !describe(back, fields).equals(value)) {
        throw new IllegalStateException("Java reads another " + name + " v" + version + " " + mode);
      }
      ObjectNode vector = JSON.objectNode();
      vector.put("message", name).put("version", version).put("mode", mode.label());
      vector.put("bytes", HexFormat.of().formatHex(bytes)).set("value", value);
      return vector;
    }

    /** An instance of a struct; with {@code bare}, no field is set. */
    Object build(Class<?> struct, JsonNode fields, String path, int element, boolean bare)
        throws Exception {
      Object target = struct.getConstructor().newInstance();
      if (bare) return target;
      for (JsonNode field : fields) {
        if (!exists(field)) continue;
        if (mode == Mode.ELEMENTS && fieldsOf(field).isEmpty()) continue;
        Method setter = setter(struct, field);
        String inner = path + "/" + field.get("name").asText();
        setter.invoke(target, value(field, inner, element, setter.getParameterTypes()[0]));
      }
      if (mode == Mode.FULL && flexible) {
        List<RawTaggedField> unknown = ((Message) target).unknownTaggedFields();
        unknown.add(new RawTaggedField(100 + element, new byte[] {1, 2, (byte) element}));
        if (path.isEmpty()) unknown.add(new RawTaggedField(20000, new byte[0]));
      }
      return target;
    }

    Object value(JsonNode field, String path, int element, Class<?> parameter) throws Exception {
      String declared = field.get("type").asText();
      boolean array = declared.startsWith("[]");
      String inner = array ? declared.substring(2) : declared;
      JsonNode fields = fieldsOf(field);
      boolean struct = !fields.isEmpty() || structs.containsKey(inner);
      boolean nullable = contains(field.path("nullableVersions").asText("none"), version);
      if (nullable && mode == Mode.NULL) return null;
      if (nullable && mode == Mode.INNER_NULL && !struct) return null;
      int ordinal = ordinals.get(path);
      if (!array) {
        if (struct) return build(classes.get(inner), fields, path, element, false);
        return scalar(inner, field, ordinal * 4 + element * 2, parameter);
      }
      Collection<Object> list = collection(parameter);
      for (int i = 0; i < length(struct, nullable); i++) {
        if (struct) list.add(build(classes.get(inner), fields, path, i, false));
        else list.add(scalar(inner, field, ordinal * 4 + element * 2 + i, null));
      }
      return list;
    }

    int length(boolean struct, boolean nullable) {
      switch (mode) {
        case FULL:
        case LIMITS:
          return 2;
        case EMPTY:
          return struct && !nullable ? 1 : 0;
        default:
          return 1;
      }
    }

    Object scalar(String type, JsonNode field, int seed, Class<?> parameter) throws Exception {
      switch (type) {
        case "bool":
          return !field.path("default").asText("false").equals("true");
        case "int8":
          return (byte) number(field, seed, Byte.MIN_VALUE, Byte.MAX_VALUE);
        case "int16":
          return (short) number(field, seed, Short.MIN_VALUE, Short.MAX_VALUE);
        case "uint16":
          return (int) number(field, seed, 0, 65535);
        case "int32":
          return (int) number(field, seed, Integer.MIN_VALUE, Integer.MAX_VALUE);
        case "uint32":
          return number(field, seed, 0, 4294967295L);
        case "int64":
          return number(field, seed, Long.MIN_VALUE, Long.MAX_VALUE);
        case "float64":
          if (mode == Mode.LIMITS) return seed % 2 == 0 ? Double.MAX_VALUE : -Double.MIN_VALUE;
          return seed + 0.25;
        case "string":
          return string(field, seed);
        case "uuid":
          if (mode == Mode.LIMITS) return new Uuid(-1, -1);
          return new Uuid(mix(seed), mix(-seed));
        case "bytes":
          byte[] bytes = bytes(seed);
          return parameter == ByteBuffer.class ? ByteBuffer.wrap(bytes) : bytes;
        case "records":
          return RECORDS.getMethod("readableRecords", ByteBuffer.class).invoke(null, ByteBuffer.wrap(bytes(seed)));
        default:
          throw new IllegalArgumentException("unknown type " + type + " in " + name);
      }
    }

    /** The lowest or highest value of the type, or a positive one that differs from its neighbours. */
    long number(JsonNode field, int seed, long lowest, long highest) {
      if (mode == Mode.LIMITS) return seed / 2 % 2 == 0 ? highest : lowest;
      long value = highest == Byte.MAX_VALUE ? seed % 126 + 1 : Long.remainderUnsigned(mix(seed), highest);
      return field.path("default").asText().equals(Long.toString(value)) ? value + 1 : value;
    }

    String string(JsonNode field, int seed) {
      if (mode == Mode.EMPTY) return "";
      // Characters of two, three and four bytes; 135 bytes in all, so a compact length takes two bytes.
      if (mode == Mode.LIMITS) return "\u017e\u20ac\ud834\udd1e".repeat(15);
      return field.get("name").asText() + "-" + seed;
    }

    byte[] bytes(int seed) {
      int length = mode == Mode.EMPTY ? 0 : mode == Mode.LIMITS ? 150 : 5;
      byte[] bytes = new byte[length];
      for (int i = 0; i < length; i++) bytes[i] = (byte) (mix(seed) >>> 8 * (i % 8));
      return bytes;
    }

    ObjectNode describe(Object struct, JsonNode fields) throws Exception {
      ObjectNode node = JSON.objectNode();
      for (JsonNode field : fields) {
        if (!exists(field)) continue;
        Object value = struct.getClass().getMethod(lowerFirst(field)).invoke(struct);
        node.set(lowerFirst(field), describe(value, field, field.get("type").asText()));
      }
      List<RawTaggedField> unknown = ((Message) struct).unknownTaggedFields();
      if (!unknown.isEmpty()) {
        ArrayNode tags = node.putArray("unknownTaggedFields");
        for (RawTaggedField tag : unknown) {
          tags.addObject().put("tag", tag.tag()).put("data", HexFormat.of().formatHex(tag.data()));
        }
      }
      return node;
    }

    JsonNode describe(Object value, JsonNode field, String type) throws Exception {
      if (value == null) return JSON.nullNode();
      if (type.startsWith("[]")) {
        ArrayNode list = JSON.arrayNode();
        for (Object item : (Iterable<?>) value) list.add(describe(item, field, type.substring(2)));
        return list;
      }
      switch (type) {
        case "bool":
          return JSON.booleanNode((Boolean) value);
        case "int8":
        case "int16":
        case "uint16":
        case "int32":
        case "uint32":
          return JSON.numberNode(((Number) value).longValue());
        case "int64":
          return JSON.textNode(value.toString());
        case "float64":
          return JSON.numberNode((Double) value);
        case "string":
          return JSON.textNode((String) value);
        case "uuid":
          Uuid uuid = (Uuid) value;
          UUID dashed = new UUID(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
          return JSON.textNode(dashed.toString());
        case "bytes":
          return JSON.textNode(value instanceof byte[] bytes ? hex(ByteBuffer.wrap(bytes)) : hex((ByteBuffer) value));
        case "records":
          return JSON.textNode(hex((ByteBuffer) RECORDS.getMethod("buffer").invoke(value)));
        default:
          return describe(value, fieldsOf(field));
      }
    }

    boolean exists(JsonNode field) {
      String versions = field.path("versions").asText(field.path("taggedVersions").asText("none"));
      return contains(versions, version);
    }

    JsonNode fieldsOf(JsonNode field) {
      if (field.has("fields")) return field.get("fields");
      JsonNode common = structs.get(field.get("type").asText().replace("[]", ""));
      return common == null ? JSON.arrayNode() : common;
    }
  }

  static Class<?> classOf(String name, String type) {
    boolean suffixed = type.equals("request") || type.equals("response") || type.equals("header");
    return firstClass(
        Arrays.stream(PACKAGES)
            .map(folder -> folder + "." + name + (suffixed ? "Data" : ""))
            .toArray(String[]::new));
  }

  static Class<?> firstClass(String... names) {
    for (String name : names) {
      try {
        return Class.forName(name);
      } catch (ClassNotFoundException next) {
        // This release may have it under the next name.
      }
    }
    throw new IllegalStateException("no class of " + String.join(", ", names));
  }

  static Method setter(Class<?> struct, JsonNode field) throws NoSuchMethodException {
    String name = field.get("name").asText();
    String setter = "set" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
    for (Method method : struct.getMethods()) {
      if (method.getName().equals(setter) && method.getParameterCount() == 1) return method;
    }
    throw new NoSuchMethodException(struct + "." + setter);
  }

  @SuppressWarnings("unchecked")
  static Collection<Object> collection(Class<?> parameter) throws ReflectiveOperationException {
    if (parameter.isAssignableFrom(ArrayList.class)) return new ArrayList<>();
    return (Collection<Object>) parameter.getConstructor().newInstance();
  }

  static String lowerFirst(JsonNode field) {
    String name = field.get("name").asText();
    return Character.toLowerCase(name.charAt(0)) + name.substring(1);
  }

  static String hex(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** A positive number with all bytes in use, another one for each seed (the finish of splitmix64). */
  static long mix(long seed) {
    long z = (seed + 1) * 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return (z ^ (z >>> 31)) & Long.MAX_VALUE;
  }

  /** Whether a version range of the schemas ("3", "0-4", "2+", "none") has a version. */
  static boolean contains(String range, short version) {
    if (range.equals("none")) return false;
    if (range.endsWith("+")) return version >= Short.parseShort(range.substring(0, range.length() - 1));
    String[] ends = range.split("-");
    return version >= Short.parseShort(ends[0]) && version <= Short.parseShort(ends[ends.length - 1]);
  }

  private WriteVectors() {}
}
