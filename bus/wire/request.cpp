// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "bus/wire/fields.h"
#include "bus/wire/wire.h"

namespace inpaintd::wire {
namespace {

constexpr Integer side{1, coordinate_max};

constexpr Field<Options> option_fields[] = {
    optional<Options, &Options::format, Name{}>("format"),
    optional<Options, &Options::quality, Integer{1, 100}>("quality"),
    optional<Options, &Options::region, Name{}>("region"),
    optional<Options, &Options::strategy, Name{}>("strategy"),
    optional<Options, &Options::dilate, Integer{0, dilate_max}>("dilate"),
    optional<Options, &Options::feather, Integer{0, feather_max}>("feather"),
};

constexpr Field<RawPixels> raw_fields[] = {
    required<RawPixels, &RawPixels::width, side>("w"),
    required<RawPixels, &RawPixels::height, side>("h"),
    required<RawPixels, &RawPixels::data, Blob{}>("data"),
};

struct Rects {
  Status read(const Value& value, const std::string& path, std::optional<std::vector<Rect>>& out) const {
    if (value.type != msgpack::type::ARRAY) return wrong(path, "an array of [x, y, w, h]", value);
    out.emplace().reserve(value.via.array.size);
    for (std::uint32_t i = 0; i < value.via.array.size; ++i) {
      auto rect = read_rect(value.via.array.ptr[i], path + "[" + std::to_string(i) + "]", 1);
      if (!rect) return std::move(rect.error());
      out->push_back(*rect);
    }
    return Ok{};
  }
  void write(Packer& out, const std::optional<std::vector<Rect>>& in) const {
    out.pack_array(static_cast<std::uint32_t>(in->size()));
    for (const Rect& rect : *in) write_rect(out, rect);
  }
};

/// The union of the three mask maps.
struct MaskMap {
  std::optional<std::int64_t> width, height;
  std::optional<Bytes> data, bits;
  std::optional<std::vector<Rect>> rects;
};

constexpr Field<MaskMap> mask_fields[] = {
    optional<MaskMap, &MaskMap::width, side>("w"),        optional<MaskMap, &MaskMap::height, side>("h"),
    optional<MaskMap, &MaskMap::data, Blob{}>("data"),    optional<MaskMap, &MaskMap::bits, Blob{}>("bits"),
    optional<MaskMap, &MaskMap::rects, Rects{}>("rects"),
};

constexpr const char* image_wanted = "a JPEG, PNG or WebP file (bin) or a map {w, h, data}";
constexpr const char* mask_wanted =
    "an image file (bin), or a map {w, h, data}, {w, h, bits} or {rects: [[x, y, w, h], ...]}";

struct Image {
  Status read(const Value& value, const std::string& path, ImageSource& out) const {
    if (value.type == msgpack::type::MAP)
      return read_map(value, path, raw_fields, UnknownKeys::refuse, out.emplace<RawPixels>());
    auto file = read_blob(value, path, image_wanted);
    if (!file) return std::move(file.error());
    out = EncodedFile{*file};
    return Ok{};
  }
  void write(Packer& out, const ImageSource& in) const {
    if (const auto* raw = std::get_if<RawPixels>(&in)) return write_map(out, raw_fields, *raw);
    Blob{}.write(out, std::get<EncodedFile>(in).data);
  }
};

struct Mask {
  Status read(const Value& value, const std::string& path, MaskSource& out) const {
    if (value.type == msgpack::type::MAP) return read_mask_map(value, path, out);
    auto file = read_blob(value, path, mask_wanted);
    if (!file) return std::move(file.error());
    out = EncodedFile{*file};
    return Ok{};
  }
  void write(Packer& out, const MaskSource& in) const {
    if (const auto* file = std::get_if<EncodedFile>(&in)) return Blob{}.write(out, file->data);
    MaskMap map;
    if (const auto* raw = std::get_if<RawPixels>(&in)) map = {raw->width, raw->height, raw->data, {}, {}};
    if (const auto* bits = std::get_if<BitMask>(&in)) map = {bits->width, bits->height, {}, bits->data, {}};
    if (const auto* rects = std::get_if<RectMask>(&in)) map.rects = rects->rects;
    write_map(out, mask_fields, map);
  }

 private:
  static Status read_mask_map(const Value& value, const std::string& path, MaskSource& out) {
    MaskMap map;
    if (Status read = read_map(value, path, mask_fields, UnknownKeys::refuse, map); !read) return read;
    const int forms = map.data.has_value() + map.bits.has_value() + map.rects.has_value();
    const int sides = map.width.has_value() + map.height.has_value();
    if (forms != 1 || sides != (map.rects ? 0 : 2)) return wrong(path, mask_wanted, value);
    if (map.data) out = RawPixels{*map.width, *map.height, *map.data};
    if (map.bits) out = BitMask{*map.width, *map.height, *map.bits};
    if (map.rects) out = RectMask{std::move(*map.rects)};
    return Ok{};
  }
};

constexpr Field<Request> request_fields[] = {
    optional<Request, &Request::id, Id{}>("id"),
    required<Request, &Request::image, Image{}>("image"),
    required<Request, &Request::mask, Mask{}>("mask"),
    optional<Request, &Request::timeout, Integer{1, timeout_max.count()}>("timeout_ms"),
    optional<Request, &Request::progress, Flag{}>("progress"),
    optional<Request, &Request::options, Nested<option_fields, UnknownKeys::refuse>{}>("options"),
};

struct Cancel {
  std::string id;
};
constexpr Field<Cancel> cancel_fields[] = {required<Cancel, &Cancel::id, Id{}>("id")};

/// Walks a message, perhaps a broken one, until it has met the value of the outermost map's key `id`.
class IdFinder : public msgpack::null_visitor {
 public:
  std::string id;

  bool start_map(std::uint32_t) { return ++depth_ <= 8; }
  bool end_map() { return --depth_ > 0; }
  bool start_array(std::uint32_t) { return ++depth_ <= 8; }
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
    if (depth_ == 1) wanted_ = false;
    return true;
  }
  bool visit_str(const char* data, std::uint32_t size) {
    const std::string_view text(data, size);
    if (in_key_) wanted_ = text == request_fields[0].key;
    if (in_key_ || !wanted_ || depth_ != 1) return true;
    if (valid_id(text)) id = text;
    return false;  // the search is over
  }
  void parse_error(std::size_t, std::size_t) {}
  void insufficient_bytes(std::size_t, std::size_t) {}

 private:
  int depth_ = 0;
  bool in_key_ = false;
  bool wanted_ = false;
};

std::size_t size_of(const auto& source) {
  return std::visit(
      [](const auto& form) -> std::size_t {
        if constexpr (requires { form.data; })
          return form.data.size();
        else
          return form.rects.size() * 20;
      },
      source);
}

}  // namespace

Result<Request> decode_request(Bytes message) { return decode(message, request_fields, UnknownKeys::refuse); }

std::string encode_request(const Request& request) {
  return encode(request_fields, request, size_of(request.image) + size_of(request.mask));
}

std::string salvage_id(Bytes message) {
  IdFinder finder;
  if (!message.empty()) {
    std::size_t offset = 0;
    try {
      msgpack::parse(reinterpret_cast<const char*>(message.data()), message.size(), offset, finder);
    } catch (const std::exception&) {
      return {};  // an id is a courtesy
    }
  }
  return finder.id;
}

Result<std::string> decode_cancel(Bytes message) {
  auto cancel = decode(message, cancel_fields, UnknownKeys::refuse);
  if (!cancel) return std::move(cancel.error());
  return std::move(cancel->id);
}

std::string encode_cancel(std::string_view id) { return encode(cancel_fields, Cancel{std::string(id)}); }

}  // namespace inpaintd::wire
