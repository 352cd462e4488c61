// librdkafka as a client of the bench: takes a job as NAME=VALUE arguments, prints a measurement as JSON on its last line.
// Values come from a file, so that every client sends the same bytes; the first four of each are its sequence number.
//
// Variants: produce: produce (one call a record, copied: as its examples do), batch (rd_kafka_produce_batch of 1000, not copied);
// consume: messages (one poll a record), batch (rd_kafka_consume_batch_queue); rate, end-to-end: defaults, linger-0.
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { DISTINCT = 1000, BATCH = 1000 };

static const char *kind, *servers, *topic, *variant, *compression, *acks;
static long records, warm_up, value_bytes, rate;
static unsigned char *values;
static volatile long delivered, failed;
static double *times;

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static double cpu_seconds(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void die(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(1);
}

static int by_value(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return left < right ? -1 : left > right;
}

static double started_at, cpu_before;

static void start_measurement(void) {
  started_at = now_ms();
  cpu_before = cpu_seconds();
}

static void answer(double checksum) {
  struct rusage u;
  double seconds = (now_ms() - started_at) / 1e3, cpu = cpu_seconds() - cpu_before;
  getrusage(RUSAGE_SELF, &u);
  printf("{\"records\":%ld,\"seconds\":%.6f,\"cpuSeconds\":%.6f,\"rssMegabytes\":%.1f,\"checksum\":%.0f", records,
         seconds, cpu, u.ru_maxrss / 1024.0, checksum);
  if (times) {
    qsort(times, records, sizeof *times, by_value);
    printf(",\"times\":{\"p50Us\":%.1f,\"p99Us\":%.1f,\"p999Us\":%.1f}", times[records / 2] * 1e3,
           times[(long)(records * 0.99)] * 1e3, times[(long)(records * 0.999)] * 1e3);
  }
  printf("}\n");
  fflush(stdout);
  _exit(0);
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
  char why[512];
  if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK) die(name, why);
}

/* The opaque of a message is its index in `times` plus one, where its time is wanted. */
static double due_of(long index);

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque) {
  (void)rk, (void)opaque;
  if (message->err) failed++;
  else delivered++;
  if (message->_private) {
    long index = (long)(intptr_t)message->_private - 1;
    times[index] = now_ms() - due_of(index);
  }
}

static rd_kafka_t *make_producer(int linger_0) {
  char why[512];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", servers);
  set(conf, "compression.codec", compression);
  set(conf, "acks", acks);
  if (linger_0) set(conf, "linger.ms", "0");
  if (strcmp(variant, "batch") == 0) set(conf, "queue.buffering.max.messages", "1000000");
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  if (!rk) die("producer", why);
  return rk;
}

static rd_kafka_t *make_consumer(void) {
  char why[512], group[64];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", servers);
  snprintf(group, sizeof group, "bench-%d-%.0f", getpid(), now_ms());
  set(conf, "group.id", group);
  set(conf, "auto.offset.reset", "earliest");
  rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
  if (!rk) die("consumer", why);
  rd_kafka_poll_set_consumer(rk);
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic, RD_KAFKA_PARTITION_UA);
  if (rd_kafka_subscribe(rk, list)) die("subscribe", topic);
  return rk;
}

static void send_batches(rd_kafka_t *rk, rd_kafka_topic_t *rkt, long count) {
  static rd_kafka_message_t messages[BATCH];
  for (long sent = 0; sent < count;) {
    int size = count - sent < BATCH ? (int)(count - sent) : BATCH;
    memset(messages, 0, sizeof messages);
    for (int index = 0; index < size; index++) {
      messages[index].payload = values + (sent + index) % DISTINCT * value_bytes;
      messages[index].len = value_bytes;
    }
    int taken = rd_kafka_produce_batch(rkt, RD_KAFKA_PARTITION_UA, 0, messages, size);
    /* A full queue refuses messages anywhere in the batch; how many is what is counted, and the sums stay right. */
    sent += taken;
    rd_kafka_poll(rk, taken < size ? 1 : 0);
  }
}

static void send_each(rd_kafka_t *rk, rd_kafka_topic_t *rkt, long count) {
  for (long sent = 0; sent < count; sent++) {
    void *value = values + sent % DISTINCT * value_bytes;
    while (rd_kafka_produce(rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, value, value_bytes, NULL, 0, NULL) == -1) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) die("produce", rd_kafka_err2str(rd_kafka_last_error()));
      rd_kafka_poll(rk, 1);
    }
    if (sent % 100 == 0) rd_kafka_poll(rk, 0);
  }
}

static void produce_count(rd_kafka_t *rk, rd_kafka_topic_t *rkt, long count) {
  long wanted = delivered + count;
  if (strcmp(variant, "batch") == 0) send_batches(rk, rkt, count);
  else send_each(rk, rkt, count);
  rd_kafka_flush(rk, 60000);
  if (failed || delivered != wanted) die("produce", "not every record was delivered");
}

static void produce(void) {
  rd_kafka_t *rk = make_producer(0);
  rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, topic, NULL);
  produce_count(rk, rkt, warm_up);
  start_measurement();
  produce_count(rk, rkt, records);
  answer(0);
}

static void consume(void) {
  rd_kafka_t *rk = make_consumer();
  rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(rk);
  int most = strcmp(variant, "batch") == 0 ? 10000 : 1;
  rd_kafka_message_t **messages = malloc(sizeof *messages * most);
  double checksum = 0;
  long seen = 0;
  while (seen < warm_up + records) {
    ssize_t count;
    if (most > 1) count = rd_kafka_consume_batch_queue(queue, 100, messages, most);
    else count = (messages[0] = rd_kafka_consumer_poll(rk, 100)) != NULL;
    for (ssize_t index = 0; index < count; index++) {
      rd_kafka_message_t *message = messages[index];
      if (message->err) die("consume", rd_kafka_message_errstr(message));
      const unsigned char *value = message->payload;
      checksum += (double)((uint32_t)value[0] << 24 | value[1] << 16 | value[2] << 8 | value[3]);
      rd_kafka_message_destroy(message);
      if (++seen == 1) start_measurement();
    }
  }
  /* Nothing has to get warm here, and its threads fetch 64 MB ahead: all counts from the first record on. */
  records += warm_up;
  answer(checksum);
}

/* Ticks of a millisecond from the first one on; what is sent late counts from when it was due. */
static double first_due;

static double due_of(long index) { return first_due + index / (rate / 1000); }

static volatile int polling = 1;

static void *poll_loop(void *rk) {
  while (polling) rd_kafka_poll(rk, 50);
  return NULL;
}

static void sleep_until(double due) {
  struct timespec t = {(time_t)(due / 1e3), (long)((due - (time_t)(due / 1e3) * 1e3) * 1e6)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* Sends at the job's rate; `stamps`: the value carries when it was due, and its reader takes the time. */
static void send_at_rate(rd_kafka_t *rk, rd_kafka_topic_t *rkt, long count, int times_wanted, int stamps) {
  unsigned char *value = malloc(value_bytes);
  (void)rk;
  first_due = now_ms() + 1;
  for (long sent = 0; sent < count; sent++) {
    double due = due_of(sent);
    if (sent % (rate / 1000) == 0) sleep_until(due);
    memcpy(value, values + sent % DISTINCT * value_bytes, value_bytes);
    if (stamps) memcpy(value, &due, sizeof due);
    void *opaque = times_wanted ? (void *)(intptr_t)(sent + 1) : NULL;
    if (rd_kafka_produce(rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, value, value_bytes, NULL, 0, opaque) == -1)
      die("produce", rd_kafka_err2str(rd_kafka_last_error()));
  }
}

static void await_delivered(long wanted) {
  while (delivered + failed < wanted) usleep(1000);
  if (failed) die("produce", "not every record was delivered");
}

static void fixed_rate(void) {
  rd_kafka_t *rk = make_producer(strcmp(variant, "linger-0") == 0);
  rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, topic, NULL);
  pthread_t poller;
  pthread_create(&poller, NULL, poll_loop, rk);
  send_at_rate(rk, rkt, warm_up, 0, 0);
  await_delivered(warm_up);
  times = calloc(records, sizeof *times);
  start_measurement();
  send_at_rate(rk, rkt, records, 1, 0);
  await_delivered(warm_up + records);
  answer(0);
}

static volatile long read_count;

static void *read_loop(void *unused) {
  rd_kafka_t *rk = make_consumer();
  (void)unused;
  while (read_count < warm_up + records) {
    rd_kafka_message_t *message = rd_kafka_consumer_poll(rk, 100);
    if (!message) continue;
    if (message->err) die("consume", rd_kafka_message_errstr(message));
    double due;
    memcpy(&due, message->payload, sizeof due);
    if (read_count >= warm_up) times[read_count - warm_up] = now_ms() - due;
    rd_kafka_message_destroy(message);
    read_count++;
  }
  return NULL;
}

static void end_to_end(void) {
  rd_kafka_t *rk = make_producer(strcmp(variant, "linger-0") == 0);
  rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, topic, NULL);
  pthread_t poller, reader;
  times = calloc(records, sizeof *times);
  pthread_create(&poller, NULL, poll_loop, rk);
  pthread_create(&reader, NULL, read_loop, NULL);
  send_at_rate(rk, rkt, warm_up, 0, 1);
  while (read_count < warm_up) usleep(1000);
  start_measurement();
  send_at_rate(rk, rkt, records, 0, 1);
  pthread_join(reader, NULL);
  answer(0);
}

static void read_values(const char *file) {
  FILE *in = fopen(file, "rb");
  values = malloc(DISTINCT * value_bytes);
  if (!in || fread(values, value_bytes, DISTINCT, in) != DISTINCT) die(file, "does not hold the values");
  fclose(in);
}

int main(int argc, char **argv) {
  const char *file = "";
  for (int index = 1; index < argc; index++) {
    char *value = strchr(argv[index], '=');
    if (!value) die(argv[index], "is not NAME=VALUE");
    *value++ = 0;
    const char *name = argv[index];
    if (!strcmp(name, "kind")) kind = value;
    else if (!strcmp(name, "bootstrapServers")) servers = value;
    else if (!strcmp(name, "topic")) topic = value;
    else if (!strcmp(name, "variant")) variant = value;
    else if (!strcmp(name, "compression")) compression = value;
    else if (!strcmp(name, "acks")) acks = value;
    else if (!strcmp(name, "records")) records = atol(value);
    else if (!strcmp(name, "warmUpRecords")) warm_up = atol(value);
    else if (!strcmp(name, "valueBytes")) value_bytes = atol(value);
    else if (!strcmp(name, "rate")) rate = atol(value);
    else if (!strcmp(name, "valuesFile")) file = value;
    else die(name, "is unknown");
  }
  read_values(file);
  if (!strcmp(kind, "produce")) produce();
  else if (!strcmp(kind, "consume")) consume();
  else if (!strcmp(kind, "rate")) fixed_rate();
  else if (!strcmp(kind, "end-to-end")) end_to_end();
  else die(kind, "is no kind of job");
}
