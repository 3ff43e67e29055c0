// SPDX-License-Identifier: Apache-2.0
#include <msgpack.hpp>

#include "bus/wire/wire.h"

namespace inpaintd::wire {
namespace {

constexpr int depth_max = 8;

/// Walks through a message, possibly a broken one, and stops at the value of the outermost map's key `id`.
class IdFinder : public msgpack::null_visitor {
 public:
  std::string id;

  bool start_map(std::uint32_t) { return ++depth_ <= depth_max; }
  bool end_map() { return --depth_ > 0; }
  bool start_array(std::uint32_t) { return ++depth_ <= depth_max; }
  bool end_array() { return --depth_ > 0; }
  bool start_map_key() {
    in_key_ = depth_ == 1;
    return true;
  }
  bool end_map_key() {
    in_key_ = false;
    return true;
  }
  bool end_map_value() {
    if (depth_ == 1) is_id_ = false;
    return true;
  }
  bool visit_str(const char* data, std::uint32_t size) {
    const std::string_view text(data, size);
    if (in_key_) is_id_ = text == "id";
    if (in_key_ || !is_id_ || depth_ != 1) return true;
    if (valid_id(text)) id = text;
    return false;  // ends the walk
  }

 private:
  int depth_ = 0;
  bool in_key_ = false;
  bool is_id_ = false;  ///< the outermost map's current value belongs to the key `id`
};

}  // namespace

std::string salvage_id(Bytes message) {
  IdFinder finder;
  if (message.empty()) return {};
  try {
    std::size_t offset = 0;
    msgpack::parse(reinterpret_cast<const char*>(message.data()), message.size(), offset, finder);
  } catch (const std::exception&) {
    return {};  // the refusal is sent without an id
  }
  return finder.id;
}

}  // namespace inpaintd::wire
