// SPDX-License-Identifier: Apache-2.0
#include "tests/bus/wire_literals.h"
#include "tests/fuzz/fuzz.h"

/// The request that arrives at a worker: decode_request and salvage_id.
namespace inpaintd::fuzz {
namespace {

std::string literal(std::string_view text) {
  const auto bytes = test::bytes(text);
  return {bytes.begin(), bytes.end()};
}

bool inside(Bytes part, Bytes whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_spans(const auto& source, Bytes message) {
  std::visit(
      [&](const auto& form) {
        if constexpr (requires { form.data; }) require(inside(form.data, message), "spans lie inside of the message");
      },
      source);
}

void check_decoded(const Request& request, Bytes message) {
  check_spans(request.image, message);
  check_spans(request.mask, message);
  require(wire::salvage_id(message) == request.id, "salvage_id finds the id of every valid request");
  const std::string encoded = wire::encode_request(request);
  const auto again = wire::decode_request(bytes_of(encoded));
  require(bool(again) && test::text(*again) == test::text(request), "an encoded request decodes to the same request");
}

}  // namespace

std::vector<std::string> seeds() {
  return {
      literal("82 a5'image' c401ff a4'mask' c402eeef"),
      literal("82 a5'image' 83 a1'w' 02 a1'h' 01 a4'data' c406 ff0000000000 a4'mask' 81 a5'rects' 91 9401000101"),
      literal("82 a5'image' a2'ab' a4'mask' 83 a1'w' 02 a1'h' 01 a4'data' c40200ff"),
      literal("82 a5'image' c401ff a4'mask' 83 a4'bits' a180 a1'w' 02 a1'h' 01"),
      literal("86 a2'id' a5'A-9_.' a5'image' c401ff a4'mask' c402eeef aa'timeout_ms' cd03e8 a8'progress' c3"
              " a7'options' 86 a6'format' a4'webp' a7'quality' 01 a6'region' a5'patch' a8'strategy' a6'resize'"
              " a6'dilate' 40 a7'feather' 07"),
      literal("82 a2'id' a2'r1' a5'image' c606400000 01"),
      literal("82 a3'abc' 92 a2'id' a2'no' a2'id' a2'r1'"),
  };
}

void run(Bytes input) {
  const auto request = wire::decode_request(input);
  if (request) return check_decoded(*request, input);
  require(request.error().code == ErrorCode::bad_request, "what is no request is refused as bad_request");
  require_readable(request.error());
  const std::string id = wire::salvage_id(input);
  require(id.empty() || valid_id(id), "a salvaged id is a valid id");
}

}  // namespace inpaintd::fuzz
