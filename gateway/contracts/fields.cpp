// SPDX-License-Identifier: Apache-2.0
#include "gateway/contracts/fields.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "core/text.h"

namespace inpaintd::gateway {
namespace {

constexpr std::size_t shown_max = 64;  // of a client's text, in a message

Error bad(std::string message) { return {ErrorCode::bad_request, std::move(message)}; }

/// `text` as a message may quote it: short, on one line.
std::string shown(std::string_view text) {
  std::string result(text.substr(0, shown_max));
  for (char& c : result)
    if (static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) > 126) c = '?';
  return text.size() > shown_max ? result + "..." : result;
}

Result<std::int64_t> number(std::string_view name, std::string_view text, std::int64_t min, std::int64_t max) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure == std::errc() && end == text.data() + text.size() && value >= min && value <= max) return value;
  return bad(fmt::format("{} is \"{}\"; write a whole number from {} to {}", name, shown(text), min, max));
}

template <class E>
Status choose(std::string_view name, std::string_view text, E& out) {
  const auto value = from_name<E>(text);
  if (!value) return bad(fmt::format("{} is \"{}\"; write one of {}", name, shown(text), names_of<E>()));
  out = *value;
  return Ok{};
}

Status set_number(std::string_view name, std::string_view text, std::int64_t min, std::int64_t max, int& out) {
  auto value = number(name, text, min, max);
  if (!value) return std::move(value.error());
  out = static_cast<int>(*value);
  return Ok{};
}

Status set_flag(std::string_view name, std::string_view text, std::optional<bool>& out) {
  if (text != "true" && text != "false")
    return bad(fmt::format("{} is \"{}\"; write true or false", name, shown(text)));
  out = text == "true";
  return Ok{};
}

}  // namespace

Status set_field(Submission& submission, std::string_view name, std::string_view text) {
  Options& options = submission.options;
  if (name == "format") return choose(name, text, options.format);
  if (name == "quality") return set_number(name, text, 1, 100, options.quality.emplace());
  if (name == "region") return choose(name, text, options.region);
  if (name == "strategy") return choose(name, text, options.strategy);
  if (name == "dilate") return set_number(name, text, 0, dilate_max, options.dilate);
  if (name == "feather") return set_number(name, text, 0, feather_max, options.feather);
  if (name == "mask_values") return choose(name, text, options.mask_values);
  if (name == "background") {
    const auto colour = colour_from_text(text);
    if (!colour) return bad(fmt::format("{} is \"{}\"; write {}", name, shown(text), colour_form));
    options.background = *colour;
    return Ok{};
  }
  if (name == "lossless") return set_flag(name, text, options.lossless);
  if (name == "alpha") return choose(name, text, options.alpha);
  if (name == "priority") return choose(name, text, submission.priority);
  if (name == "timeout_ms") {
    auto value = number(name, text, 1, timeout_max.count());
    if (!value) return std::move(value.error());
    submission.timeout = std::chrono::milliseconds(*value);
    return Ok{};
  }
  constexpr std::array<std::string_view, 14> known{"image",      "mask",     "format",     "quality", "lossless",
                                                   "region",     "strategy", "dilate",     "feather", "mask_values",
                                                   "background", "alpha",    "timeout_ms", "priority"};
  if (name.size() > shown_max) return bad(fmt::format("the field {} is unknown; leave it out", shown(name)));
  return bad(fmt::format("the field {} is unknown; did you mean {}?", shown(name), nearest(name, known)));
}

Result<Submission> complete(Submission submission) {
  if (submission.image.empty()) return bad("image is missing; send a JPEG, PNG or WebP file as image");
  if (submission.mask.empty()) return bad("mask is missing; send an image file of the picture's size as mask");
  return submission;
}

}  // namespace inpaintd::gateway
