// SPDX-License-Identifier: Apache-2.0
// deploy/nats-server.secure.conf and deploy/make-credentials.sh: what each role may do, and what it may not.
#include <atomic>
#include <fstream>
#include <iterator>
#include <random>

#include "bus/jobs.h"
#include "bus/layout.h"
#include "bus/object_store.h"
#include "bus/subjects.h"
#include "image/codec.h"
#include "tests/e2e/service_fixture.h"
#include "tests/support/eventually.h"
#include "tests/support/held_runs.h"
#include "tests/support/temporary_directory.h"
#include "tools/shared/child_process.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

std::string text_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void replace(std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, "the configuration has no " << from);
  text.replace(at, from.size(), to);
}

/// The keys of all roles, and of a second client, bob.
struct Keys {
  explicit Keys(bool tls = false) {
    std::vector<std::string> command{INPAINTD_SOURCE_DIR "/deploy/make-credentials.sh", directory / "keys"};
    if (tls) command.emplace_back("--tls");
    for (const char* role : {"worker", "gateway", "alice", "bob", "vip", "batch", "admin", "tenant", "sys"})
      command.emplace_back(role);
    const auto child = tools::ChildProcess::start(command, directory / "log");
    REQUIRE(child);
    REQUIRE(eventually([&] { return (*child)->ended().has_value(); }));
    REQUIRE_MESSAGE((*child)->ended() == 0, text_of(directory / "log"));
  }

  /// The file in deploy/ for a server on another port, with bob beside alice.
  [[nodiscard]] std::string server_config() const {
    std::string text = text_of(INPAINTD_SOURCE_DIR "/deploy/nats-server.secure.conf");
    replace(text, "listen: \"127.0.0.1:4222\"", "");
    replace(text, "http: \"127.0.0.1:8222\"", "");
    replace(text, "/var/lib/nats", directory / "streams");
    replace(text, "include \"nkeys.conf\"", text_of(directory / "keys/nkeys.conf"));
    const std::size_t begin = text.rfind("      {\n", text.find("$ALICE_KEY"));
    const std::size_t end = text.find("      },\n", begin) + std::string("      },\n").size();
    std::string bob = text.substr(begin, end - begin);
    replace(bob, "$ALICE_KEY", "$BOB_KEY");
    replace(bob, "_INBOX.alice", "_INBOX.bob");
    return text.insert(end, bob);
  }

  TemporaryDirectory directory;
};

ConnectionOptions options_of(const Keys& keys, const NatsServer& server, const std::string& role) {
  ConnectionOptions options;
  options.url = server.url();
  options.nkey_seed_file = keys.directory / ("keys/" + role + ".nk");
  if (role != "tenant" && role != "admin" && role != "sys") options.inbox_prefix = "_INBOX." + role;
  options.connect_timeout = long_enough;
  return options;
}

/// A user of the server, and what the server has denied to this user.
class User {
 public:
  explicit User(const ConnectionOptions& options) {
    auto opened = Connection::open(options);
    if (!opened) FAIL(opened.error().message);
    connection = std::move(*opened);
    watch_ = connection->watch_denials([denied = denied_](const Denial& denial) { denied->add(denial); });
  }

  bool may_publish(const std::string& subject) {
    REQUIRE(connection->publish(subject, {}));
    return !denied({Denial::Operation::publish, subject});
  }
  bool may_subscribe(const std::string& subject, const std::string& queue = {}) {
    const auto subscription = connection->subscribe(subject, queue, [](const Message&) {});
    REQUIRE(subscription);
    return !denied({Denial::Operation::subscribe, subject});
  }

  std::unique_ptr<Connection> connection;

 private:
  struct Denied {
    std::mutex mutex;
    std::vector<Denial> list;
    void add(const Denial& denial) {
      const std::lock_guard lock(mutex);
      list.push_back(denial);
    }
    bool has(const Denial& denial) {
      const std::lock_guard lock(mutex);
      return std::ranges::count(list, denial) > 0;
    }
  };

  /// Whether the server denied this before it denied an operation that follows.
  bool denied(const Denial& denial) {
    const std::string fence = "fence." + std::to_string(++fences_);
    REQUIRE(connection->publish(fence, {}));
    REQUIRE(eventually([&] { return denied_->has({Denial::Operation::publish, fence}); }));
    return denied_->has(denial);
  }

  std::shared_ptr<Denied> denied_ = std::make_shared<Denied>();
  std::shared_ptr<void> watch_;
  int fences_ = 0;
};

struct SecureServer {
  SecureServer() {
    auto admin = Connection::open(as("admin"));
    REQUIRE(admin);
    Layout layout(**admin, {}, long_enough);
    for (const std::string& part : layout.parts()) {
      const Status made = layout.make(part);
      REQUIRE_MESSAGE(made, made.error().message);
    }
  }
  [[nodiscard]] ConnectionOptions as(const std::string& role) const { return options_of(keys, server, role); }

  const Keys keys;
  NatsServer server{keys.server_config()};
};

/// A service with the key of a worker.
struct SecureService : SecureServer, ServiceFixture {
  SecureService() {
    static_cast<ConnectionOptions&>(config.nats) = as("worker");
    config.model.null_faults = held.fault();
    restart();
    held.release();
  }
  ~SecureService() { ServiceFixture::end(); }

  HeldRuns held;

  /// The statuses of all messages that answer a request of this user.
  std::string statuses(const ConnectionOptions& options) {
    const User user(options);
    Request request;
    request.id = "r1";
    const std::string pixels(3 * 16 * 16, '\x80');
    request.image = RawPixels{16, 16, as_bytes(pixels)};
    request.mask = RectMask{{{4, 4, 4, 4}}};
    request.progress = true;
    std::mutex mutex;
    std::string statuses;
    std::atomic<bool> ended = false;
    const std::string inbox = user.connection->new_inbox();
    const auto answers = user.connection->subscribe(inbox, "", [&](const Message& message) {
      const auto reply = wire::decode_reply(message.data());
      const std::lock_guard lock(mutex);
      const bool done = reply && std::holds_alternative<wire::Done>(*reply);
      statuses += done ? "done" : reply ? "progress, " : "unreadable, ";
      ended = done;
    });
    REQUIRE(answers);
    held.hold();  // until both progress messages are there: none is sent after the end
    REQUIRE(user.connection->publish(run_subject("inpaint"), as_bytes(wire::encode_request(request)), {}, inbox));
    CHECK(eventually([&] {
      const std::lock_guard lock(mutex);
      return statuses == "progress, progress, ";
    }));
    held.release();
    CHECK(eventually([&] { return ended.load(); }));
    const std::lock_guard lock(mutex);
    return statuses;
  }
};

const std::string own_key = "$JS.API.DIRECT.GET.KV_inpaint_jobs.$KV.inpaint_jobs.";

}  // namespace

TEST_CASE_FIXTURE(SecureService, "a client, and a tenant of another account, get every message of an answer") {
  const std::string wanted = "progress, progress, done";
  CHECK(statuses(as("alice")) == wanted);
  CHECK(statuses(as("vip")) == wanted);
  CHECK(statuses(as("tenant")) == wanted);
}

TEST_CASE_FIXTURE(SecureServer,
                  "a client may send requests, and read nobody else's answers, requests, jobs and pictures") {
  User alice(as("alice"));
  for (const std::string& subject : {run_subject("inpaint"), run_subject("inpaint", Priority::low),
                                     cancel_subject("inpaint"), std::string("$SRV.PING")}) {
    CAPTURE(subject);
    CHECK(alice.may_publish(subject));
  }
  CHECK(alice.may_subscribe("_INBOX.alice.1"));
  for (const std::string& subject :
       {run_subject("inpaint", Priority::high), job_subject("inpaint", Priority::normal),
        job_subject("inpaint", Priority::high), own_key + "bob.1", own_key + "web.1",
        std::string("$KV.inpaint_jobs.bob.1"), std::string("$JS.API.STREAM.MSG.GET.OBJ_inpaint_pictures"),
        std::string("$JS.API.STREAM.MSG.GET.KV_inpaint_jobs"), std::string("$JS.API.STREAM.CREATE.MINE"),
        std::string("$JS.API.CONSUMER.MSG.NEXT.INPAINT_JOBS.normal"), std::string("_INBOX.bob.1")}) {
    CAPTURE(subject);
    CHECK(!alice.may_publish(subject));
  }
  for (const std::string& subject : {std::string("_INBOX.bob.1"), std::string("_INBOX.>"), run_subject("inpaint"),
                                     job_ended_subject("inpaint", ">"), std::string(">")}) {
    CAPTURE(subject);
    CHECK(!alice.may_subscribe(subject));
  }
  CHECK(!alice.may_subscribe(run_subject("inpaint"), "inpaint"));  // the workers' queue
  CHECK(User(as("bob")).may_subscribe("_INBOX.bob.1"));
}

TEST_CASE_FIXTURE(SecureServer, "only a vip sends requests of high priority, and nobody but the admin makes streams") {
  CHECK(User(as("vip")).may_publish(run_subject("inpaint", Priority::high)));
  for (const char* role : {"alice", "gateway", "batch", "worker"}) {
    CAPTURE(role);
    User user(as(role));
    CHECK(!user.may_publish(run_subject("inpaint", Priority::high)));
    for (const char* method : {"STREAM.CREATE.A", "STREAM.UPDATE.INPAINT_JOBS", "STREAM.DELETE.INPAINT_JOBS",
                               "STREAM.RESTORE.A", "STREAM.PURGE.INPAINT_JOBS"})
      CHECK(!user.may_publish(std::string("$JS.API.") + method));
  }
}

TEST_CASE_FIXTURE(SecureServer, "a worker takes requests from its queue only") {
  User worker(as("worker"));
  CHECK(worker.may_subscribe(run_subject("inpaint"), "inpaint"));
  CHECK(!worker.may_subscribe(run_subject("inpaint"), "evil"));
  CHECK(!worker.may_subscribe(run_subject("inpaint")));
  CHECK(!worker.may_subscribe("_INBOX.alice.1"));
  CHECK(worker.may_publish("_INBOX.alice.1"));
}

TEST_CASE_FIXTURE(SecureServer, "gateway and batch use the jobs of their owner, and not those of high priority") {
  for (const auto& [role, owner] : {std::pair("gateway", "web"), std::pair("batch", "batch")}) {
    CAPTURE(role);
    User user(as(role));
    const std::string id = std::string(owner) + ".1";
    Jobs jobs(*user.connection, "inpaint", long_enough);
    Request request;
    request.id = id;
    request.mask = RectMask{{{0, 0, 1, 1}}};
    REQUIRE(jobs.submit(request, Priority::normal));
    CHECK((*jobs.state(id))->status() == "queued");
    CHECK(!user.may_publish(job_subject("inpaint", Priority::high)));
    CHECK(!user.may_publish(own_key + "alice.1"));
    CHECK(!user.may_publish("$KV.inpaint_jobs.alice.1"));
    CHECK(!user.may_subscribe(job_ended_subject("inpaint", "alice.1")));
    CHECK(user.may_subscribe(job_ended_subject("inpaint", id)));
  }
}

TEST_CASE_FIXTURE(SecureService,
                  "a durable job with a picture above 9 MB goes through the permissions of batch and worker") {
  Picture picture;
  picture.rgb = Pixels(1900, 1800, 3);
  std::mt19937 random(3);
  for (auto& each : picture.rgb.bytes) each = static_cast<std::uint8_t>(random());
  const std::string file = *encode_image(picture, Format::png);
  REQUIRE(file.size() > 9 << 20);

  const User batch(as("batch"));
  Jobs jobs(*batch.connection, "inpaint", long_enough);
  ObjectStore pictures(*batch.connection, std::string(pictures_bucket), long_enough);
  Request request;
  request.id = "batch.1";
  request.image_at = job_image(request.id);
  request.mask = RectMask{{{4, 4, 40, 40}}};
  const Status stored = pictures.put(request.image_at->name, as_bytes(file));
  REQUIRE_MESSAGE(stored, stored.error().message);
  REQUIRE(*jobs.submit(request, Priority::normal));
  const auto end = jobs.wait(request.id, Clock::now() + long_enough, {});
  REQUIRE_MESSAGE(end, end.error().message);
  REQUIRE(std::holds_alternative<wire::Done>((*end)->reply));
  const auto answer = pictures.get(job_result(request.id).name);
  REQUIRE_MESSAGE(answer, answer.error().message);
  CHECK(answer->size() > 9 << 20);
  CHECK(eventually([&] { return !pictures.info(job_image(request.id).name); }));  // the worker has removed the input
}

TEST_CASE("with TLS, clients without a certificate of the CA are refused") {
  const Keys keys(true);
  std::string config = keys.server_config();
  replace(config, "# tls { cert_file", "tls { timeout: 60, cert_file");
  for (const char* name : {"server.pem", "server.key", "ca.pem"}) {
    replace(config, std::string("\"") + name + "\"", "\"" + keys.directory.path().string() + "/keys/" + name + "\"");
  }
  const NatsServer server(config);
  ConnectionOptions options = options_of(keys, server, "alice");
  options.url = server.address("tls");
  options.tls_ca_file = keys.directory / "keys/ca.pem";
  CHECK(!Connection::open(options));
  options.tls_cert_file = keys.directory / "keys/client.pem";
  options.tls_key_file = keys.directory / "keys/client.key";
  const auto connection = Connection::open(options);
  CHECK_MESSAGE(connection, (connection ? "" : connection.error().message));
}
