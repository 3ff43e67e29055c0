// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "bus/wire/map_reader.h"
#include "bus/wire/map_writer.h"
#include "bus/wire/recognise.h"
#include "bus/wire/wire.h"

namespace inpaintd::wire {
namespace {

constexpr std::string_view image_wanted =
    "a JPEG, PNG or WebP file (bin) or a map {w, h, data} or {object: {bucket, name}}";
constexpr std::string_view mask_wanted =
    "an image file (bin), or a map {w, h, data}, {w, h, bits}, {rects: [[x, y, w, h], ...]} or {object: {bucket, name}}";

/// An image or a mask: in the message, or at its place in the object store.
template <class Source>
struct Referred {
  Source source = EncodedFile{};
  std::optional<ObjectName> at;
};

/// The options of a request, one of which concerns the way of its answer only.
struct AllOptions {
  Options options;
  std::optional<ObjectName> result;
};

const auto read_side = integer<std::int64_t>(1, coordinate_max);

Result<Colour> read_colour(const Value& value, const std::string& path) {
  if (value.type == msgpack::type::STR)
    if (const auto colour = colour_from_text({value.via.str.ptr, value.via.str.size})) return *colour;
  return wrong_value(path, colour_form, value);
}

Result<AllOptions> read_options(const Value& value, const std::string& path) {
  MapReader map(value, path);
  AllOptions all;
  Options& options = all.options;
  map.optional("format", options.format, read_name<Format>);
  map.optional("quality", options.quality, integer<int>(1, 100));
  map.optional("region", options.region, read_name<Region>);
  map.optional("strategy", options.strategy, read_name<Strategy>);
  map.optional("dilate", options.dilate, integer<int>(0, dilate_max));
  map.optional("feather", options.feather, integer<int>(0, feather_max));
  map.optional("mask_values", options.mask_values, read_name<MaskValues>);
  map.optional("background", options.background, read_colour);
  map.optional("lossless", options.lossless, read_flag);
  map.optional("alpha", options.alpha, read_name<AlphaFill>);
  map.optional("result", all.result, read_object);
  return map.finish(std::move(all));
}

void write_options(Sink& out, const Request& request) {
  constexpr Options defaults{};
  const Options& options = request.options;
  MapWriter map(out);
  map.add_unless_default("format", options.format, defaults.format);
  if (options.quality) map.add("quality", *options.quality);
  map.add_unless_default("region", options.region, defaults.region);
  map.add_unless_default("strategy", options.strategy, defaults.strategy);
  map.add_unless_default("dilate", options.dilate, defaults.dilate);
  map.add_unless_default("feather", options.feather, defaults.feather);
  map.add_unless_default("mask_values", options.mask_values, defaults.mask_values);
  if (options.background != defaults.background) map.add("background", text_of(options.background));
  if (options.lossless) map.add("lossless", *options.lossless);
  map.add_unless_default("alpha", options.alpha, defaults.alpha);
  if (request.result) map.add("result", *request.result, write_object);
}

/// Refuses text where bytes are wanted; `text` says what it is.
Error not_bytes(const std::string& path, const std::string& text) {
  return {ErrorCode::bad_request, fmt::format("`{}` is {}; decode it, and send its bytes as bin", path, text)};
}

Result<EncodedFile> read_encoded(const Value& value, const std::string& path, std::string_view wanted) {
  const auto file = read_bytes_or(value, path, wanted);
  if (!file) return file.error();
  if (const auto text = recognise_file(*file)) return not_bytes(path, *text);
  return EncodedFile{*file};
}

/// The object that a map refers to; nothing for a map without the key `object`.
Result<std::optional<ObjectName>> read_reference(const Value& value, const std::string& path) {
  if (value.type != msgpack::type::MAP) return std::optional<ObjectName>();
  const std::span entries(value.via.map.ptr, value.via.map.size);
  const bool refers = std::ranges::any_of(entries, [](const msgpack::object_kv& entry) {
    return entry.key.type == msgpack::type::STR &&
           std::string_view(entry.key.via.str.ptr, entry.key.via.str.size) == "object";
  });
  if (!refers) return std::optional<ObjectName>();
  MapReader map(value, path);
  ObjectName object;
  map.required("object", object, read_object);
  return map.finish(std::optional(std::move(object)));
}

/// A reader of an image or a mask that `read` reads unless it is in the object store.
template <class Source, class Read>
auto referred(Read read) {
  return [read](const Value& value, const std::string& path) -> Result<Referred<Source>> {
    auto at = read_reference(value, path);
    if (!at) return std::move(at.error());
    if (*at) return Referred<Source>{EncodedFile{}, std::move(*at)};
    auto source = read(value, path);
    if (!source) return std::move(source.error());
    return Referred<Source>{std::move(*source), std::nullopt};
  };
}

void write_reference(Sink& out, const ObjectName& object) {
  MapWriter map(out);
  map.add("object", object, write_object);
}

Result<ImageSource> read_image(const Value& value, const std::string& path) {
  if (value.type != msgpack::type::MAP) {
    const auto file = read_encoded(value, path, image_wanted);
    if (!file) return file.error();
    return ImageSource(*file);
  }
  MapReader map(value, path);
  RawPixels raw;
  map.required("w", raw.width, read_side);
  map.required("h", raw.height, read_side);
  map.required("data", raw.data, read_bytes);
  if (const auto text = recognise_samples(raw.data, raw.width * raw.height * 3))
    map.fail(not_bytes(path + ".data", *text));
  return map.finish(ImageSource(raw));
}

void write_image(Sink& out, const ImageSource& image) {
  if (const auto* file = std::get_if<EncodedFile>(&image)) return write(out, file->data);
  const auto& raw = std::get<RawPixels>(image);
  MapWriter map(out);
  map.add("w", raw.width);
  map.add("h", raw.height);
  map.add("data", raw.data);
}

Result<std::vector<Rect>> read_rects(const Value& value, const std::string& path) {
  return read_array<Rect>(value, path, "an array of [x, y, w, h]",
                          [](const Value& each, const std::string& place) { return read_rect(each, place, 1); });
}

Result<MaskSource> read_mask_map(const Value& value, const std::string& path) {
  std::optional<std::int64_t> width, height;
  std::optional<Bytes> data, bits;
  std::optional<std::vector<Rect>> rects;
  MapReader map(value, path);
  map.optional("w", width, read_side);
  map.optional("h", height, read_side);
  map.optional("data", data, read_bytes);
  map.optional("bits", bits, read_bytes);
  map.optional("rects", rects, read_rects);
  if (const Status end = map.finish(Ok{}); !end) return end.error();
  const int sides = width.has_value() + height.has_value();
  const int forms = data.has_value() + bits.has_value() + rects.has_value();
  if (forms != 1 || sides != (rects ? 0 : 2)) return wrong_value(path, mask_wanted, value);
  if (data) {
    if (const auto text = recognise_samples(*data, *width * *height)) return not_bytes(path + ".data", *text);
    return MaskSource(RawPixels{*width, *height, *data});
  }
  if (bits) {
    if (const auto text = recognise_samples(*bits, (*width + 7) / 8 * *height)) return not_bytes(path + ".bits", *text);
    return MaskSource(BitMask{*width, *height, *bits});
  }
  return MaskSource(RectMask{std::move(*rects)});
}

Result<MaskSource> read_mask(const Value& value, const std::string& path) {
  if (value.type == msgpack::type::MAP) return read_mask_map(value, path);
  const auto file = read_encoded(value, path, mask_wanted);
  if (!file) return file.error();
  return MaskSource(*file);
}

void write_rects(Sink& out, const std::vector<Rect>& rects) {
  Packer(out).pack_array(static_cast<std::uint32_t>(rects.size()));
  for (const Rect& rect : rects) write(out, rect);
}

void write_mask(Sink& out, const MaskSource& mask) {
  if (const auto* file = std::get_if<EncodedFile>(&mask)) return write(out, file->data);
  MapWriter map(out);
  if (const auto* rects = std::get_if<RectMask>(&mask)) return map.add("rects", rects->rects, write_rects);
  const auto add_pixels = [&](const auto& form, std::string_view key) {
    map.add("w", form.width);
    map.add("h", form.height);
    map.add(key, form.data);
  };
  if (const auto* raw = std::get_if<RawPixels>(&mask)) add_pixels(*raw, "data");
  if (const auto* bits = std::get_if<BitMask>(&mask)) add_pixels(*bits, "bits");
}

/// About the number of bytes that an image or a mask needs in a message.
std::size_t size_of(const auto& source) {
  const auto size = []<class Form>(const Form& form) -> std::size_t {
    if constexpr (std::is_same_v<Form, RectMask>)
      return form.rects.size() * 20;
    else
      return form.data.size();
  };
  return std::visit(size, source);
}

}  // namespace

Result<Request> decode_request(Bytes message) {
  MapReader map(message);
  Request request;
  map.optional("id", request.id, read_id);
  Referred<ImageSource> image;
  Referred<MaskSource> mask;
  AllOptions options;
  map.required("image", image, referred<ImageSource>(read_image));
  map.required("mask", mask, referred<MaskSource>(read_mask));
  map.optional("timeout_ms", request.timeout, integer<std::chrono::milliseconds>(1, timeout_max.count()));
  map.optional("progress", request.progress, read_flag);
  map.optional("options", options, read_options);
  request.image = image.source;
  request.image_at = std::move(image.at);
  request.mask = std::move(mask.source);
  request.mask_at = std::move(mask.at);
  request.options = options.options;
  request.result = std::move(options.result);
  return map.finish(std::move(request));
}

std::string encode_request(const Request& request) {
  Sink out;
  out.bytes.reserve(size_of(request.image) + size_of(request.mask) + small_message_bytes);
  MapWriter map(out);
  map.add_unless_default("id", request.id, {});
  if (request.image_at)
    map.add("image", *request.image_at, write_reference);
  else
    map.add("image", request.image, write_image);
  if (request.mask_at)
    map.add("mask", *request.mask_at, write_reference);
  else
    map.add("mask", request.mask, write_mask);
  if (request.timeout) map.add("timeout_ms", *request.timeout);
  map.add_unless_default("progress", request.progress, false);
  if (request.options != Options{} || request.result) map.add("options", request, write_options);
  return std::move(out.bytes);
}

Result<std::string> decode_cancel(Bytes message) {
  MapReader map(message);
  std::string id;
  map.required("id", id, read_id);
  return map.finish(std::move(id));
}

std::string encode_cancel(std::string_view id) {
  Sink out;
  MapWriter map(out);
  map.add("id", id);
  return std::move(out.bytes);
}

}  // namespace inpaintd::wire
