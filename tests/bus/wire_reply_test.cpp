// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/bus/wire_literals.h"

namespace inpaintd::test {
namespace {

template <class T>
T decoded(const std::vector<std::uint8_t>& message) {
  const auto reply = wire::decode_reply(message);
  REQUIRE(reply);
  REQUIRE(std::holds_alternative<T>(*reply));
  return std::get<T>(*reply);
}

const std::string error_head = "83 a2'id' a2'r1' a6'status' a5'error' a5'error' ";

}  // namespace

TEST_CASE("the reply `done` carries the picture and the facts about its computation") {
  using std::chrono::microseconds;
  const auto picture = bytes("0102");
  wire::Done done = sample_done(picture);
  done.exact = Exact::bits;
  const auto message = copy(wire::encode_reply(done));
  CHECK(message == bytes("8e a2'id' a2'r1' a6'status' a4'done' a5'image' c4020102 a6'format' a4'webp' a5'width' cd012c"
                         " a6'height' ccc8 a6'region' 940a141e28 aa'timings_us' 85 a6'decode' 01 a5'queue' 02"
                         " a5'infer' 03 a6'encode' 04 a5'total' ce00011170 aa'batch_size' 08 a6'device' a3'cpu'"
                         " a5'model' a4'lama' a6'cached' c3 a7'service' a2'S1' a5'exact' a4'bits'"));
  const auto again = decoded<wire::Done>(message);
  CHECK(again.id == "r1");
  CHECK(text(again.image) == "0102");
  CHECK(again.image.data() > message.data());  // not a copy
  CHECK(again.format == Format::webp);
  CHECK(again.size == Size{300, 200});
  CHECK(again.region == Rect{10, 20, 30, 40});
  CHECK(again.timings.queue == microseconds(2));
  CHECK(again.timings.total == microseconds(70000));
  CHECK(again.batch_size == 8);
  CHECK(again.device == "cpu");
  CHECK(again.model == "lama");
  CHECK(again.cached);
  CHECK(again.service == "S1");
  CHECK(again.exact == Exact::bits);
}

TEST_CASE("a picture that was stored is named instead of sent") {
  const wire::Done done{.id = "r1", .result = ObjectName{"pictures", "out/1"}, .size = {1, 1}, .region = {0, 0, 1, 1}};
  const auto message = copy(wire::encode_reply(done));
  const auto again = decoded<wire::Done>(message);
  CHECK(again.result == ObjectName{"pictures", "out/1"});
  CHECK(again.image.empty());
  const wire::Done neither{.id = "r1", .size = {1, 1}, .region = {0, 0, 1, 1}};
  std::string without = wire::encode_reply(neither);
  without.erase(without.find("\xa5image"), 8);
  --without[0];
  const auto refused = wire::decode_reply(as_bytes(without));
  REQUIRE(!refused);
  CHECK(refused.error().message.find("`image` is missing") != std::string::npos);
}

TEST_CASE("notes follow the other keys of `done`, and are left out when there are none") {
  const wire::Done plain{.id = "r1", .size = {1, 1}, .region = {0, 0, 1, 1}};
  wire::Done noted = plain;
  noted.notes = {{"mask_empty", "why"}, {"flattened", "because"}};
  auto expected = copy(wire::encode_reply(plain));
  expected[0] = 0x8e;
  const auto notes = bytes(
      "a5'notes' 92 82 a4'code' aa'mask_empty' a7'message' a3'why'"
      " 82 a4'code' a9'flattened' a7'message' a7'because'");
  expected.insert(expected.end(), notes.begin(), notes.end());
  const auto message = copy(wire::encode_reply(noted));
  CHECK(message == expected);
  CHECK(decoded<wire::Done>(message).notes == noted.notes);
}

TEST_CASE("what a reply keeps is absent in replies of older services, and an unknown word promises nothing") {
  const wire::Done plain{.id = "r1", .size = {1, 1}, .region = {0, 0, 1, 1}};
  auto message = copy(wire::encode_reply(plain));
  CHECK(!decoded<wire::Done>(message).exact);
  const auto newer = bytes("a5'exact' a4'most'");
  ++message[0];
  message.insert(message.end(), newer.begin(), newer.end());
  CHECK(decoded<wire::Done>(message).exact == Exact::recoded);
}

TEST_CASE("the reply `error` says whether the same request may succeed later, and when") {
  using std::chrono::milliseconds;
  CHECK(copy(wire::encode_reply(wire::Failed{"r1", {ErrorCode::bad_request, "no"}})) ==
        bytes(error_head + "83 a4'code' ab'bad_request' a7'message' a2'no' a9'retryable' c2"));
  const auto busy = copy(wire::encode_reply(wire::Failed{"r1", {ErrorCode::overloaded, "full", milliseconds(250)}}));
  CHECK(busy == bytes(error_head + "84 a4'code' aa'overloaded' a7'message' a4'full' a9'retryable' c3"
                                   " ae'retry_after_ms' ccfa"));
  CHECK(decoded<wire::Failed>(busy).error.retry_after == milliseconds(250));
}

TEST_CASE("every error code is decoded as it was encoded") {
  for (const ErrorInfo& row : error_table) {
    const auto message = copy(wire::encode_reply(wire::Failed{"", {row.code, "why"}}));
    const auto failed = decoded<wire::Failed>(message);
    CHECK(failed.error.code == row.code);
    CHECK(failed.error.message == "why");
    CHECK(!failed.error.retry_after);
    CHECK(failed.id.empty());
  }
}

TEST_CASE("progress messages carry the position in the queue, or the batch and the device") {
  const auto queued = copy(wire::encode_reply(wire::Queued{"r1", 3, std::chrono::milliseconds(1200)}));
  CHECK(queued == bytes("84 a2'id' a2'r1' a6'status' a6'queued' a8'position' 03 a6'eta_ms' cd04b0"));
  CHECK(decoded<wire::Queued>(queued).eta == std::chrono::milliseconds(1200));
  const auto running = copy(wire::encode_reply(wire::Running{"r1", 4, "cuda:0"}));
  CHECK(running == bytes("84 a2'id' a2'r1' a6'status' a7'running' aa'batch_size' 04 a6'device' a6'cuda:0'"));
  CHECK(decoded<wire::Running>(running).device == "cuda:0");
}

TEST_CASE("in the reply of a newer service, unknown keys are ignored and an unknown error code becomes internal") {
  CHECK(decoded<wire::Running>(bytes("85 a2'id' a2'r1' a6'status' a7'running' aa'batch_size' 04 a6'device' a1'x'"
                                     " a3'new' 81 01 02"))
            .batch_size == 4);
  const auto failed =
      decoded<wire::Failed>(bytes(error_head + "84 a4'code' a3'new' a7'message' a2'no' a9'retryable' c2 a4'more' c0"));
  CHECK(failed.error.code == ErrorCode::internal);
}

TEST_CASE("a message that is not a reply is refused, and the error names the cause") {
  const auto refusal = [](const char* literal) {
    const auto reply = wire::decode_reply(bytes(literal));
    REQUIRE(!reply);
    CHECK(reply.error().code == ErrorCode::internal);
    return reply.error().message;
  };
  const std::string start = "the service's reply cannot be read: ";
  CHECK(refusal("c0") == start + "the message must be a msgpack map, not nil");
  CHECK(refusal("80") == start + "required key `status` is missing");
  CHECK(refusal("81 a6'status' a2'hm'") == start + "`status` is unknown: hm");
  CHECK(refusal("81 a6'status' a6'queued'") == start + "required key `id` is missing");
  CHECK(refusal("84 a2'id' a2'r1' a6'status' a6'queued' a8'position' ff a6'eta_ms' 00") ==
        start + "`position` must be an integer from 0 up, not -1");
}

TEST_CASE("a message concerns a request when it is a map with its id, or refuses a request whose id was not readable") {
  const auto concerns = [](const std::vector<std::uint8_t>& message) { return wire::concerns(message, "r1"); };
  CHECK(concerns(copy(wire::encode_reply(wire::Queued{"r1", 3, std::chrono::milliseconds(1200)}))));
  CHECK(concerns(copy(wire::encode_reply(wire::Failed{"r1", {ErrorCode::internal, "why"}}))));
  CHECK(concerns(copy(wire::encode_reply(wire::Failed{"", {ErrorCode::bad_request, "why"}}))));
  CHECK(concerns(bytes("82 a6'status' a2'hm' a2'id' a2'r1'")));  // it cannot be read, but it is about the request
  CHECK(!concerns(copy(wire::encode_reply(wire::Failed{"r2", {ErrorCode::internal, "why"}}))));
  CHECK(!concerns(copy(wire::encode_reply(wire::Running{"", 4, "cpu"}))));
  CHECK(!concerns(copy(R"({"stream":"AUDIT","seq":1})")));  // how JetStream acknowledges what a stream keeps
  CHECK(!concerns(copy("+ACK")));
  CHECK(!concerns(bytes("80")));
  CHECK(!concerns(bytes("a2'r1'")));
  CHECK(!concerns({}));
}

TEST_CASE("error headers carry the message on one line, and the number of the code") {
  CHECK(wire::error_headers({ErrorCode::too_large, "9 bytes"}) ==
        Headers{{"Nats-Service-Error", "9 bytes"}, {"Nats-Service-Error-Code", "413"}});
  CHECK(wire::error_headers({ErrorCode::internal, "a\r\nb\tc"}) ==
        Headers{{"Nats-Service-Error", "a  b c"}, {"Nats-Service-Error-Code", "500"}});
}

}  // namespace inpaintd::test
