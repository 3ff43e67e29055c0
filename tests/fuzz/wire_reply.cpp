// SPDX-License-Identifier: Apache-2.0
#include "bus/wire/wire.h"
#include "tests/fuzz/fuzz.h"

/// The reply that arrives at a client: decode_reply, and the headers of the error that it carries.
namespace inpaintd::fuzz {
namespace {

void check_decoded(const wire::Reply& reply, Bytes message) {
  if (const auto* done = std::get_if<wire::Done>(&reply)) {
    const std::uint8_t* end = message.data() + message.size();
    require(
        done->image.empty() || (done->image.data() >= message.data() && done->image.data() + done->image.size() <= end),
        "the picture lies inside of the message");
  }
  if (const auto* failed = std::get_if<wire::Failed>(&reply))
    for (const auto& [key, value] : wire::error_headers(failed->error))
      require(value.find_first_of(std::string("\r\n\0", 3)) == std::string::npos, "a header's value is one line");
  const std::string encoded = wire::encode_reply(reply);
  const auto again = wire::decode_reply(bytes_of(encoded));
  require(bool(again) && wire::encode_reply(*again) == encoded, "an encoded reply decodes to the same reply");
}

}  // namespace

std::vector<std::string> seeds() {
  using std::chrono::microseconds;
  using std::chrono::milliseconds;
  const wire::Done done{
      .id = "r1",
      .image = bytes_of("picture"),
      .format = Format::webp,
      .size = {300, 200},
      .region = {10, 20, 30, 40},
      .timings = {microseconds(1), microseconds(2), microseconds(3), microseconds(4), microseconds(70'000)},
      .batch_size = 8,
      .device = "cpu",
      .model = "lama",
      .cached = true,
      .service = "S1"};
  std::vector<std::string> messages{
      wire::encode_reply(done),
      wire::encode_reply(wire::Failed{"r1", {ErrorCode::overloaded, "full", milliseconds(250)}}),
      wire::encode_reply(wire::Queued{"r1", 3, milliseconds(1200)}),
      wire::encode_reply(wire::Running{"r1", 8, "cuda:0"}),
  };
  for (const ErrorInfo& row : error_table) messages.push_back(wire::encode_reply(wire::Failed{"", {row.code, "why"}}));
  return messages;
}

void run(Bytes input) {
  const auto reply = wire::decode_reply(input);
  if (reply) return check_decoded(*reply, input);
  require(reply.error().code == ErrorCode::internal, "what is no reply is an internal error");
  require_readable(reply.error());
}

}  // namespace inpaintd::fuzz
