import java.util.Map;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.server.policy.AlterConfigPolicy;
import org.apache.kafka.server.policy.CreateTopicPolicy;

/** A policy (KIP-108, KIP-133) that refuses one value of retention.ms, of a topic that is made or changed, and nothing else. */
public class RefuseRetention {
    private static final String REFUSED = "987654321";

    private static void check(Map<String, String> configs) {
        if (configs != null && REFUSED.equals(configs.get("retention.ms"))) {
            throw new PolicyViolationException("retention.ms may be anything but " + REFUSED);
        }
    }

    /** For topics that are made. */
    public static class OfNewTopics implements CreateTopicPolicy {
        @Override
        public void validate(RequestMetadata request) {
            check(request.configs());
        }

        @Override
        public void configure(Map<String, ?> configs) {}

        @Override
        public void close() {}
    }

    /** For configs that are changed. */
    public static class OfConfigs implements AlterConfigPolicy {
        @Override
        public void validate(RequestMetadata request) {
            check(request.configs());
        }

        @Override
        public void configure(Map<String, ?> configs) {}

        @Override
        public void close() {}
    }
}
