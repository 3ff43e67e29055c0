// SPDX-License-Identifier: Apache-2.0
#include "bus/wire/wire.h"
#include "tests/fuzz/fuzz.h"

/// The cancellation that arrives at a worker: decode_cancel.
namespace inpaintd::fuzz {

std::vector<std::string> seeds() {
  return {wire::encode_cancel("a:1"), wire::encode_cancel(std::string(128, 'x')), "\x80", "\x81\xa3ids\xa0"};
}

void run(Bytes input) {
  const auto id = wire::decode_cancel(input);
  if (!id) {
    require(id.error().code == ErrorCode::bad_request, "what is no cancellation is refused as bad_request");
    return require_readable(id.error());
  }
  require(valid_id(*id), "a cancellation names a valid id");
  const std::string encoded = wire::encode_cancel(*id);
  const auto again = wire::decode_cancel(bytes_of(encoded));
  require(again && *again == *id, "an encoded cancellation decodes to the same id");
}

}  // namespace inpaintd::fuzz
