// SPDX-License-Identifier: Apache-2.0
#include "image/mask_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <utility>

#include "core/network_input.h"
#include "image/formats/formats.h"
#include "image/mat.h"

namespace inpaintd {
namespace {

constexpr std::uint8_t hole = 255;
constexpr int chroma_min = 64;  // between the channels of a colour; the smallest in the palette of labels of PASCAL VOC

/// The least and the largest of a set of values.
struct Range {
  double least = 0, largest = 0;
  [[nodiscard]] bool splits(double at) const { return least <= at && largest > at; }
};

Range range_of(const cv::Mat& channel) {
  Range range;
  cv::minMaxIdx(channel, &range.least, &range.largest);
  return range;
}

bool has_alpha(int channels) { return channels % 2 == 0; }

Note note(std::string_view code, std::string message) { return {std::string(code), std::move(message)}; }

Note empty_note(std::string_view why) {
  return note(note_codes::mask_empty, fmt::format("the mask has no hole, so nothing is filled: {}", why));
}

std::string below_half(std::string_view what, double largest, int full) {
  return fmt::format(
      "its largest {} is {} of {}, and a hole needs more than {}; paint the holes white, or choose other "
      "mask_values (nonzero takes every value but 0)",
      what, largest, full, full / 2);
}

/// The samples of a frame as a matrix of 8 or 16 bits.
cv::Mat matrix_of(const Frame& frame) {
  if (frame.depth != 16) return view(frame.samples);
  auto& bytes = const_cast<std::vector<std::uint8_t>&>(frame.samples.bytes);
  return {frame.samples.height, frame.samples.width, CV_16UC(frame.samples.channels / 2), bytes.data()};
}

/// Writes the luma of `samples` to `luma`, which may have its size and type already.
void take_luma(const cv::Mat& samples, cv::Mat& luma) {
  if (samples.channels() >= 3)
    cv::cvtColor(samples, luma, samples.channels() == 4 ? cv::COLOR_RGBA2GRAY : cv::COLOR_RGB2GRAY);
  else
    cv::extractChannel(samples, luma, 0);
}

/// Turns a channel into a mask in place, and returns the range of its samples before.
Range threshold(Pixels& channel) {
  const cv::Mat samples = view(channel);
  const Range range = range_of(samples);
  cv::threshold(samples, samples, hole_above, hole, cv::THRESH_BINARY);
  return range;
}

std::pair<Pixels, Range> by_luma(const Pixels& samples) {
  Pixels mask(samples.width, samples.height, 1);
  cv::Mat luma = view(mask);
  take_luma(view(samples), luma);
  const Range range = threshold(mask);
  return {std::move(mask), range};
}

std::pair<Pixels, Range> by_alpha(const Pixels& samples) {
  Pixels mask(samples.width, samples.height, 1);
  cv::extractChannel(view(samples), view(mask), samples.channels - 1);
  const Range range = threshold(mask);
  return {std::move(mask), range};
}

/// The largest sample of the colours, without alpha.
double largest_of(const cv::Mat& samples) {
  if (!has_alpha(samples.channels())) return range_of(samples.reshape(1)).largest;
  double largest = 0;
  cv::Mat channel;
  for (int c = 0; c + 1 < samples.channels(); ++c) {
    cv::extractChannel(samples, channel, c);
    largest = std::max(largest, range_of(channel).largest);
  }
  return largest;
}

bool is_black(const Colour& colour) { return colour == Colour{0, 0, 0}; }

/// A table that marks the indices of holes. The background is index 0, but programs that make a palette for a drawing
/// in black and white may give black another index.
std::array<std::uint8_t, 256> index_holes(const std::vector<Colour>& palette) {
  const bool by_colour = !is_black(palette.front()) && std::ranges::any_of(palette, is_black);
  std::array<std::uint8_t, 256> holes;
  holes.fill(hole);
  holes[0] = by_colour ? hole : 0;
  for (std::size_t i = 0; by_colour && i < palette.size(); ++i)
    if (is_black(palette[i])) holes[i] = 0;
  return holes;
}

/// The mask of the stored samples that are not 0, or not the background of their palette.
Pixels by_nonzero(const Frame& stored) {
  Pixels mask(stored.samples.width, stored.samples.height, 1);
  cv::Mat holes = view(mask);
  if (!stored.palette.empty()) {
    auto table = index_holes(stored.palette);
    cv::LUT(view(stored.samples), cv::Mat(1, 256, CV_8UC1, table.data()), holes);
    return mask;
  }
  const cv::Mat samples = matrix_of(stored);
  cv::Scalar highest = cv::Scalar::all(0);
  if (has_alpha(samples.channels())) highest[samples.channels() - 1] = 65'535;  // so that the alpha does not count
  cv::inRange(samples, cv::Scalar::all(0), highest, holes);
  cv::bitwise_not(holes, holes);
  return mask;
}

/// Whether the palette has a black background and then coloured labels, of which some that occur are dark, so that the
/// luma would miss them.
bool has_dark_labels(const Frame& stored) {
  if (!is_black(stored.palette.front())) return false;
  std::array<bool, 256> used{};
  for (const std::uint8_t index : stored.samples.bytes) used[index] = true;
  for (std::size_t i = 1; i < stored.palette.size(); ++i) {
    const auto& [red, green, blue] = stored.palette[i];
    const int luma = (299 * red + 587 * green + 114 * blue + 500) / 1000;
    const int chroma = std::max({red, green, blue}) - std::min({red, green, blue});
    if (used[i] && luma <= hole_above && chroma >= chroma_min) return true;
  }
  return false;
}

/// The evident meaning of stored samples, as text for a note; nothing if none is evident.
std::optional<std::string> plain_meaning(const Frame& stored, bool luma_splits) {
  if (!stored.palette.empty()) {
    if (luma_splits && !has_dark_labels(stored)) return std::nullopt;
    return "the mask has a palette whose colours do not show the holes, so the indices decide: every pixel except "
           "those of the background (index 0) is a hole";
  }
  if (luma_splits) return std::nullopt;
  const cv::Mat samples = matrix_of(stored);
  const double largest = largest_of(samples);
  if (largest == 1) return "the mask has the values 0 and 1 only, so they are labels: every 1 is a hole";
  if (samples.channels() >= 3 && largest > (1 << stored.depth) / 2 - 1)
    return "the mask is painted in a dark colour on black, so every pixel that is not black is a hole";
  return std::nullopt;
}

/// Decodes a file a second time, as stored, because its luma shows no hole, or because it has a palette.
DecodedMask second_look(Bytes file, const ImageLimits& limits, const Range& luma, std::optional<Pixels> luma_mask) {
  const Frame stored = read_file(file, limits, Samples::stored);
  if (const auto meaning = plain_meaning(stored, luma_mask.has_value())) {
    Pixels mask = by_nonzero(stored);
    if (range_of(view(mask)).splits(hole_above))
      return {std::move(mask), {note(note_codes::mask_nonzero, *meaning + "; set mask_values to decide otherwise")}};
  }
  if (luma_mask) return {std::move(*luma_mask), {}};
  double largest = luma.largest;
  int full = 255;
  if (stored.palette.empty()) {
    cv::Mat values;
    take_luma(matrix_of(stored), values);
    largest = range_of(values).largest;
    full = (1 << stored.depth) - 1;
  }
  return {Pixels(stored.samples.width, stored.samples.height, 1), {empty_note(below_half("value", largest, full))}};
}

DecodedMask automatic(Bytes file, const ImageLimits& limits) {
  Frame frame = read_file(file, limits);
  auto [mask, luma] = by_luma(frame.samples);
  const bool splits = luma.splits(hole_above);
  if (!splits && has_alpha(frame.samples.channels)) {
    auto [painted, alpha] = by_alpha(frame.samples);
    if (alpha.splits(hole_above))
      return {std::move(painted),
              {note(note_codes::mask_alpha,
                    "the mask's colours show no holes, so the alpha decides: every pixel with an alpha above 127 is a "
                    "hole; set mask_values to decide otherwise")}};
  }
  if (luma.least > hole_above || (splits && frame.palette.empty())) return {std::move(mask), {}};
  if (!frame.exact) return {std::move(mask), {empty_note(below_half("value", luma.largest, 255))}};
  frame.samples = {};
  std::optional<Pixels> luma_mask;
  if (splits) luma_mask = std::move(mask);
  mask = {};
  return second_look(file, limits, luma, std::move(luma_mask));
}

[[noreturn]] void refuse_alpha() {
  refuse(ErrorCode::bad_request,
         "the alpha channel is missing, and mask_values is alpha; choose auto, luma or nonzero");
}

}  // namespace

void note_if_empty(DecodedMask& mask, std::string_view why) {
  if (range_of(view(mask.holes)).largest == 0) mask.notes.push_back(empty_note(why));
}

DecodedMask mask_of_file(Bytes file, MaskValues values, const ImageLimits& limits) {
  if (values == MaskValues::automatic) return automatic(file, limits);
  const Frame frame = read_file(file, limits, values == MaskValues::nonzero ? Samples::stored : Samples::expanded);
  if (values == MaskValues::nonzero) {
    DecodedMask mask{by_nonzero(frame), {}};
    note_if_empty(mask, "all of its values are 0; paint the holes in another colour than black");
    return mask;
  }
  if (values == MaskValues::alpha && !has_alpha(frame.samples.channels)) refuse_alpha();
  auto [mask, range] = values == MaskValues::alpha ? by_alpha(frame.samples) : by_luma(frame.samples);
  DecodedMask result{std::move(mask), {}};
  note_if_empty(result, below_half(values == MaskValues::alpha ? "alpha" : "value", range.largest, 255));
  return result;
}

DecodedMask mask_of_samples(const std::uint8_t* samples, Size size, MaskValues values) {
  if (values == MaskValues::alpha) refuse_alpha();
  const cv::Mat from(to_cv(size), CV_8UC1, const_cast<std::uint8_t*>(samples));
  const Range range = range_of(from);
  const bool labels = values == MaskValues::automatic && range.least == 0 && range.largest == 1;
  const bool nonzero = values == MaskValues::nonzero || labels;
  DecodedMask mask{Pixels(size.width, size.height, 1), {}};
  cv::threshold(from, view(mask.holes), nonzero ? 0 : hole_above, hole, cv::THRESH_BINARY);
  if (labels)
    mask.notes.push_back(note(note_codes::mask_nonzero,
                              "the mask has the values 0 and 1 only, so they are labels: every 1 is a hole; set "
                              "mask_values to decide otherwise"));
  note_if_empty(mask, nonzero ? "all of its values are 0; send other values in the holes"
                              : below_half("value", range.largest, 255));
  return mask;
}

}  // namespace inpaintd
