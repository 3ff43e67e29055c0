// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/bus/wire_literals.h"

namespace inpaintd::test {
namespace {

std::string refusal(const std::vector<std::uint8_t>& message) {
  const auto request = wire::decode_request(message);
  REQUIRE(!request);
  CHECK(request.error().code == ErrorCode::bad_request);
  return request.error().message;
}

const std::string valid =
    "85 a2'id' a2'r1' a5'image' c403010203 a4'mask' 81 a5'rects' 91 9400000101 aa'timeout_ms' cd03e8"
    " a7'options' 81 a6'dilate' 02";

/// Calls every decoder with `message`. None may crash, and the spans of results must lie inside of `message`.
void decode_all(const std::vector<std::uint8_t>& message) {
  const auto inside = [&](Bytes span) {
    return span.empty() ||
           (span.data() >= message.data() && span.data() + span.size() <= message.data() + message.size());
  };
  if (const auto request = wire::decode_request(message)) {
    const auto* file = std::get_if<EncodedFile>(&request->image);
    CHECK((file == nullptr || inside(file->data)));
    const auto again = copy(wire::encode_request(*request));
    CHECK(text(*wire::decode_request(again)) == text(*request));
  }
  if (const auto reply = wire::decode_reply(message)) {
    const auto* done = std::get_if<wire::Done>(&*reply);
    CHECK((done == nullptr || inside(done->image)));
  }
  const std::string id = wire::salvage_id(message);
  CHECK((id.empty() || valid_id(id)));
  (void)wire::decode_cancel(message);
}

}  // namespace

TEST_CASE("a message that is not one msgpack map is refused, and the error says what it is") {
  CHECK(refusal({}) == "the message is empty; a msgpack map is wanted");
  CHECK(refusal(bytes("c1")) == "the message is not msgpack");
  CHECK(refusal(bytes("'GET / HTTP/1.1'")) == "the message must be a msgpack map, not 71");
  CHECK(refusal(bytes("93010203")) == "the message must be a msgpack map, not an array of 3");
  CHECK(refusal(bytes(valid + "00")) == "the message has 1 bytes after the end of its msgpack map");
  CHECK(refusal(bytes("80 0000")) == "the message has 2 bytes after the end of its msgpack map");
}

TEST_CASE("a message that is cut at any length is refused as truncated") {
  const auto whole = bytes(valid);
  REQUIRE(wire::decode_request(whole));
  for (std::size_t length = 1; length < whole.size(); ++length)
    CHECK(refusal({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)}) ==
          "the message is truncated: it ends inside of its msgpack map");
}

TEST_CASE("a message that claims a length of 100 MB is refused without an allocation of that size") {
  for (const char* claim :
       {"81 a5'image' c606400000 01", "81 a5'image' db06400000 01", "81 db06400000 01", "81 a5'image' c906400000 0101"})
    CHECK(refusal(bytes(claim)) == "the message is truncated: it ends inside of its msgpack map");
  CHECK(refusal(bytes("81 a4'mask' dd06400000 01")) == "`mask` must be bytes, not an array of numbers; send bin");
  for (const char* claim : {"df06400000 01", "81 a5'image' df06400000 01"})
    CHECK(refusal(bytes(claim)) ==
          "the message is nested too deep, or has too many elements (at most 4096 in an array, 64 in a map)");
}

TEST_CASE("nesting of any depth beyond the limit is refused") {
  for (std::size_t depth : {10, 1000, 5'000'000}) {
    std::vector<std::uint8_t> message(depth, 0x91);  // arrays of one array
    message.insert(message.begin(), {0x81, 0xa1, 'x'});
    message.push_back(0xc0);
    CHECK(refusal(message) ==
          "the message is nested too deep, or has too many elements (at most 4096 in an array, 64 in a map)");
    CHECK(wire::salvage_id(message).empty());
  }
}

TEST_CASE("the id of a refused request is found when it is valid and precedes the damage") {
  CHECK(wire::salvage_id(bytes("82 a2'id' a2'r1' a3'abc' 01")) == "r1");
  CHECK(wire::salvage_id(bytes("82 a3'abc' 81 a2'id' a2'no' a2'id' a2'r1'")) == "r1");
  CHECK(wire::salvage_id(bytes("83 a3'abc' 92 a2'id' a2'no' a2'id' a2'r1'")) == "r1");
  CHECK(wire::salvage_id(bytes("82 a2'id' a2'r1' a5'image' c606400000 01")) == "r1");
  CHECK(wire::salvage_id(bytes("81 a2'id' a2'r1' 00")) == "r1");
  CHECK(wire::salvage_id(bytes("81 a3'abc' a2'id'")).empty());
  CHECK(wire::salvage_id(bytes("82 a2'id' 05 a3'abc' a2'no'")).empty());
  CHECK(wire::salvage_id(bytes("81 a2'id' a3'a b'")).empty());
  CHECK(wire::salvage_id(bytes("92 a2'id' a2'no'")).empty());
  CHECK(wire::salvage_id(bytes("c1")).empty());
  CHECK(wire::salvage_id({}).empty());
}

TEST_CASE("no decoder crashes on a message with random damage") {
  const std::uint32_t chosen = seed();
  MESSAGE("INPAINTD_TEST_SEED=" << chosen);
  std::mt19937 random(chosen);
  const std::string done =
      wire::encode_reply(wire::Done{.id = "r1", .image = as_bytes("picture"), .size = {1, 1}, .device = "cpu"});
  const std::string failed =
      wire::encode_reply(wire::Failed{"r1", {ErrorCode::overloaded, "full", std::chrono::milliseconds(9)}});
  for (const auto& whole : {bytes(valid), copy(done), copy(failed)}) {
    decode_all(whole);
    for (int round = 0; round < 20'000; ++round) {
      auto damaged = whole;
      for (std::uint32_t flips = 1 + random() % 4; flips > 0; --flips)
        damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random());
      if (random() % 4 == 0) damaged.resize(random() % damaged.size());
      damaged.shrink_to_fit();
      decode_all(damaged);
    }
  }
}

}  // namespace inpaintd::test
