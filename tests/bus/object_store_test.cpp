// SPDX-License-Identifier: Apache-2.0
#include "bus/object_store.h"

#include <random>
#include <thread>
#include <vector>

#include "tests/bus/bus_support.h"

namespace inpaintd::test {
namespace {

struct Bench : JetStreamServer {
  std::unique_ptr<Connection> connection = connect({.url = server.url()});

  using JetStreamServer::JetStreamServer;

  [[nodiscard]] ObjectStore bucket(const std::string& name = "pictures") const {
    return {*connection, name, long_enough};
  }
  [[nodiscard]] ObjectStore made(const BucketOptions& options = {}) const {
    ObjectStore store = bucket();
    REQUIRE(store.create(options));
    return store;
  }
};

std::string random_bytes(std::size_t count) {
  std::mt19937 random(7);
  std::string bytes(count, '\0');
  for (char& each : bytes) each = static_cast<char>(random());
  return bytes;
}

Result<std::string> get(ObjectStore& store, const std::string& name) {
  const auto info = store.info(name);
  if (!info) return info.error();
  return store.get(name, *info);
}

template <class T>
ErrorCode code_of(const Result<T>& result) {
  REQUIRE(!result);
  return result.error().code;
}

}  // namespace

TEST_CASE("objects of all sizes come back as they were stored") {
  const Bench bench;
  ObjectStore store = bench.made();
  for (const std::size_t count : {0U, 1U, 131071U, 131072U, 131073U, 3'000'000U}) {
    CAPTURE(count);
    const std::string bytes = random_bytes(count);
    const std::string name = "in/alice/ü " + std::to_string(count);
    REQUIRE(store.put(name, as_bytes(bytes)));
    const auto back = get(store, name);
    REQUIRE_MESSAGE(back, back.error().message);
    CHECK((*back == bytes));
    CHECK(store.info(name)->bytes == count);
    CHECK(store.info(name)->chunks == (count + 131071) / 131072);
  }
}

TEST_CASE("the description of an object is the one of other client libraries") {
  const Bench bench;
  ObjectStore store = bench.made();
  REQUIRE(store.put("alice/j1.png", as_bytes("abc")));
  // The names and the digest were made by another library (@nats-io/obj).
  const auto message =
      bench.connection->request("$JS.API.STREAM.MSG.GET.OBJ_pictures",
                                as_bytes(R"({"last_by_subj": "$O.pictures.M.YWxpY2UvajEucG5n"})"), long_enough);
  REQUIRE(message);
  CHECK(string_of(message->data()).find("\"error\"") == std::string::npos);
  CHECK(store.info("alice/j1.png")->digest == "SHA-256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0=");
}

TEST_CASE("an object is replaced as a whole, and the chunks of its predecessor are removed") {
  const Bench bench;
  ObjectStore store = bench.made();
  REQUIRE(store.put("a", as_bytes(random_bytes(1'000'000))));
  const std::string before = store.info("a")->id;
  REQUIRE(store.put("a", as_bytes("new")));
  CHECK(*get(store, "a") == "new");
  CHECK(store.info("a")->id != before);
  const auto info = bench.connection->request("$JS.API.STREAM.INFO.OBJ_pictures", {}, long_enough);
  REQUIRE(info);
  CHECK(string_of(info->data()).find("\"messages\":2,") != std::string::npos);  // one description and one chunk
}

TEST_CASE("a removed object is not found, and can be stored again") {
  const Bench bench;
  ObjectStore store = bench.made();
  CHECK(store.remove("a"));
  REQUIRE(store.put("a", as_bytes("1")));
  REQUIRE(store.remove("a"));
  CHECK(code_of(get(store, "a")) == ErrorCode::object_not_found);
  CHECK(failure(get(store, "a")) == "the bucket \"pictures\" has no object \"a\"");
  REQUIRE(store.put("a", as_bytes("2")));
  CHECK(*get(store, "a") == "2");
}

TEST_CASE("a missing bucket, a server without JetStream and a full bucket are told apart") {
  const Bench bench;
  ObjectStore missing = bench.bucket();
  CHECK(!missing.options()->has_value());
  CHECK(code_of(get(missing, "a")) == ErrorCode::store_failed);
  CHECK(failure(get(missing, "a")).find("make it with inpaint-setup") != std::string::npos);
  CHECK(!missing.put("a", as_bytes("1")));
  ObjectStore store = bench.made({.bytes_max = 300'000});
  CHECK(**store.options() == BucketOptions{.bytes_max = 300'000});
  CHECK(!store.create({.bytes_max = 400'000}));
  REQUIRE(store.put("a", as_bytes("kept")));
  CHECK(code_of(store.put("a", as_bytes(random_bytes(1'000'000)))) == ErrorCode::store_failed);
  CHECK(*get(store, "a") == "kept");  // nothing half-written has the name
  CHECK_MESSAGE(store.put("b", as_bytes(random_bytes(200'000))), "the chunks of the failed object were removed");

  const NatsServer plain;
  const auto connection = connect({.url = plain.url()});
  ObjectStore none(*connection, "pictures", long_enough);
  CHECK(failure(none.options()).find("JetStream is not enabled") != std::string::npos);
}

TEST_CASE("damaged chunks are noticed") {
  const Bench bench;
  ObjectStore store = bench.made();
  REQUIRE(store.put("a", as_bytes("12345")));
  const std::string subject = "$O.pictures.C." + store.info("a")->id;
  SUBCASE("missing") {
    REQUIRE(bench.connection->request("$JS.API.STREAM.PURGE.OBJ_pictures",
                                      as_bytes("{\"filter\": \"" + subject + "\"}"), long_enough));
    CHECK(code_of(get(store, "a")) == ErrorCode::store_failed);
  }
  SUBCASE("other bytes") {
    REQUIRE(bench.connection->request("$JS.API.STREAM.PURGE.OBJ_pictures",
                                      as_bytes("{\"filter\": \"" + subject + "\"}"), long_enough));
    REQUIRE(bench.connection->request(subject, as_bytes("12346"), long_enough));
    CHECK(failure(get(store, "a")).find("do not have the announced size and digest") != std::string::npos);
  }
}

TEST_CASE("a server that small messages only may reach takes objects in smaller chunks") {
  const Bench bench("max_payload: 4096\n");
  ObjectStore store = bench.made();
  const std::string bytes = random_bytes(50'000);
  REQUIRE(store.put("a", as_bytes(bytes)));
  CHECK((*get(store, "a") == bytes));
}

TEST_CASE("a denied operation fails at once, and names the subject") {
  const JetStreamServer nats(R"(authorization { users: [
    { user: guest, password: g, permissions: { publish: { allow: ["$JS.API.STREAM.INFO.>"] } } } ] })");
  const auto guest = connect({.url = nats.server.address("nats", "guest:g@")});
  ObjectStore store(*guest, "pictures", long_enough);
  CHECK(failure(get(store, "a")).find("$JS.API.STREAM.MSG.GET.OBJ_pictures") != std::string::npos);
}

TEST_CASE("several threads use one bucket at the same time") {
  const Bench bench;
  ObjectStore store = bench.made();
  std::vector<std::string> back(6);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < back.size(); ++i)
    threads.emplace_back([&, i] {
      const std::string bytes(400'000 + i, static_cast<char>('a' + i));
      if (store.put(std::to_string(i), as_bytes(bytes)))
        if (auto got = get(store, std::to_string(i)); got && *got == bytes) back[i] = "right";
    });
  for (auto& each : threads) each.join();
  for (const auto& each : back) CHECK(each == "right");
}

}  // namespace inpaintd::test
